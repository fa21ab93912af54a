/** Brings a database to the schema that the numbered files of this folder describe. Forward only. */
import { applyMigration } from "./apply.ts";
import { readMigrations } from "./files.ts";
import { assertForward, compare, createHistory, readHistory } from "./history.ts";
import { takeMigrationLock, withSession } from "./session.ts";

export { dumpSchema } from "./dump.ts";
export { MigrationError } from "./error.ts";

export interface MigrateOptions {
  /** A direct connection of the schema's owner; a pooler in transaction mode loses the lock. */
  url: string;
  /** Holds the numbered files; this folder if left out. */
  folder?: string;
  report?: (line: string) => void;
  /**
   * How long a statement waits for the lock of a table before it gives way and is tried again: whoever comes after it
   * has to queue behind it.
   */
  lockTimeoutMs?: number;
  /** Ends the waiting for another migrator, and cancels the statement that runs. */
  signal?: AbortSignal;
}

export interface MigrateResult {
  /** Names of the files that this call applied, in order. */
  applied: string[];
  alreadyApplied: number;
}

export interface MigrationStatus {
  applied: string[];
  pending: string[];
  /** Applied under this number, but with another text or name. */
  edited: string[];
  /** In the database and not in the folder. */
  unknown: string[];
}

const thisFolder = import.meta.dirname ?? ".";

/**
 * Applies what is pending. Of several callers at once one works and the others wait for it.
 * @throws MigrationError for an edited file, a gap, a database newer than the code, or a file that fails; what came
 * before a failed file stays applied, and of that file itself nothing does (unless it says `-- no-transaction`)
 */
export async function migrate(
  { url, folder = thisFolder, report = () => {}, lockTimeoutMs = 3_000, signal }: MigrateOptions,
): Promise<MigrateResult> {
  const waiting = { report, lockTimeoutMs, signal };
  const migrations = await readMigrations(folder);
  return await withSession(url, async (session) => {
    await takeMigrationLock(session, waiting);
    await createHistory(session);
    const comparison = compare(migrations, await readHistory(session));
    assertForward(comparison);
    const applied: string[] = [];
    for (const migration of comparison.pending) {
      await applyMigration(session, migration, waiting);
      applied.push(migration.name);
    }
    return { applied, alreadyApplied: comparison.applied.length };
  });
}

/** Compares without changing anything, not even taking the lock. */
export async function status(url: string, folder = thisFolder): Promise<MigrationStatus> {
  const migrations = await readMigrations(folder);
  const history = await withSession(url, readHistory);
  const comparison = compare(migrations, history);
  return { ...comparison, pending: comparison.pending.map(({ name }) => name) };
}
