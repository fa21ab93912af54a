import type postgres from "postgres";
import { MigrationError } from "./error.ts";
import type { Migration } from "./files.ts";
import { recordMigration } from "./history.ts";
import { assertLocked, type Session, type Waiting } from "./session.ts";
import { lineAt, splitStatements } from "./statements.ts";

const lockTriesMax = 10;
const lockPauseMs = 500;
const lockNotAvailable = "55P03";

/** Applies one file and records it. After a failure the session must be closed, which undoes an open transaction. */
export async function applyMigration(session: Session, migration: Migration, waiting: Waiting) {
  const apply = migration.transactional ? applyInTransaction : applyPlainly;
  const startedMs = performance.now();
  for (let tries = 1;; tries++) {
    waiting.signal?.throwIfAborted();
    try {
      await apply(session, migration, waiting);
      break;
    } catch (error) {
      const retry = codeOf(error) === lockNotAvailable && migration.transactional;
      if (!retry || tries === lockTriesMax) throw explained(migration, error, waiting.signal);
      await session.unsafe("rollback");
      waiting.report(`${migration.name} waits for a lock that others hold; trying again.`);
      await new Promise((resolve) => setTimeout(resolve, lockPauseMs));
    }
  }
  // Not `discard all`, which would give up the migration lock.
  await session.unsafe("reset all; reset session authorization");
  waiting.report(`${migration.name} applied in ${Math.round(performance.now() - startedMs)} ms`);
}

async function applyInTransaction(
  session: Session,
  migration: Migration,
  { lockTimeoutMs, signal }: Waiting,
) {
  const startedMs = performance.now();
  await session.unsafe("begin");
  await assertLocked(session);
  await session.unsafe(`set local lock_timeout = ${lockTimeoutMs}`);
  await run(session, migration.text, signal);
  await recordMigration(session, migration, performance.now() - startedMs);
  await session.unsafe("commit");
}

/** Statement by statement, since several in one message share a transaction. It must bear being run again. */
async function applyPlainly(session: Session, migration: Migration, { signal }: Waiting) {
  const startedMs = performance.now();
  await assertLocked(session);
  for (const statement of splitStatements(migration.text)) {
    await run(session, statement.text, signal).catch((error) => {
      throw Object.assign(error, { position: undefined, line: statement.line });
    });
  }
  await recordMigration(session, migration, performance.now() - startedMs);
}

async function run(session: Session, text: string, signal?: AbortSignal) {
  const query = session.unsafe(text);
  const cancel = () => query.cancel();
  signal?.addEventListener("abort", cancel);
  try {
    await query;
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

function explained(migration: Migration, error: unknown, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof MigrationError || !(error instanceof Error)) return error;
  const { position, line, detail } = error as Partial<postgres.PostgresError> & { line?: unknown };
  const at = position ? lineAt(migration.text, Number(position) - 1) : Number(line);
  const place = Number.isInteger(at) ? `${migration.name}, line ${at}` : migration.name;
  const more = detail ? ` (${detail})` : "";
  return new MigrationError(`${place}: ${error.message}${more}`, { cause: error });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
