/** What a database has been through, and how that compares with the files. */
import { MigrationError } from "./error.ts";
import type { Migration } from "./files.ts";
import type { Session } from "./session.ts";

export interface AppliedMigration {
  number: number;
  name: string;
  checksum: string;
}

export interface Comparison {
  /** Names of files that the database has. */
  applied: string[];
  pending: Migration[];
  /** Names of files that differ from what was applied under their number. */
  edited: string[];
  /** Names that the database has and the code does not: it was migrated by newer code. */
  unknown: string[];
}

export async function createHistory(session: Session): Promise<void> {
  await session.unsafe(`
    create table if not exists public.schema_migrations (
      number integer primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now(),
      elapsed_ms integer not null
    )`);
}

/** In the order in which they were applied; empty for a database that no migration has touched. */
export async function readHistory(session: Session): Promise<AppliedMigration[]> {
  const [row] = await session<{ found: boolean }[]>`
    select to_regclass('public.schema_migrations') is not null as found`;
  if (!row?.found) return [];
  return await session<AppliedMigration[]>`
    select number, name, checksum from public.schema_migrations order by number`;
}

export async function recordMigration(session: Session, migration: Migration, elapsedMs: number) {
  const { number, name, checksum } = migration;
  await session`
    insert into public.schema_migrations (number, name, checksum, elapsed_ms)
    values (${number}, ${name}, ${checksum}, ${Math.round(elapsedMs)})`;
}

export function compare(files: Migration[], history: AppliedMigration[]): Comparison {
  const had = new Map(history.map((applied) => [applied.number, applied]));
  const known = new Set(files.map(({ number }) => number));
  const present = files.filter(({ number }) => had.has(number));
  return {
    applied: present.map(({ name }) => name),
    pending: files.filter(({ number }) => !had.has(number)),
    edited: present.filter((file) => differs(file, had.get(file.number))).map(({ name }) => name),
    unknown: history.filter(({ number }) => !known.has(number)).map(({ name }) => name),
  };
}

/** @throws MigrationError where applying what is pending would not lead to the schema that the files describe */
export function assertForward({ applied, pending, edited, unknown }: Comparison): void {
  if (unknown.length > 0) {
    throw new MigrationError(
      `The database is newer than this code: it has ${unknown.join(", ")}. Deploy the newer code.`,
    );
  }
  if (edited.length > 0) {
    throw new MigrationError(
      `Changed after it was applied: ${edited.join(", ")}. Restore it, and write a new migration.`,
    );
  }
  const skipped = pending.find(({ number }) => number <= applied.length);
  if (skipped) {
    throw new MigrationError(`The database has later migrations, but not ${skipped.name}.`);
  }
}

function differs(file: Migration, applied?: AppliedMigration): boolean {
  return file.name !== applied?.name || file.checksum !== applied.checksum;
}
