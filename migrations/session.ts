/** One connection for the whole of a migration, with what decides that it is alone. */
import type postgres from "postgres";
import { MigrationError } from "./error.ts";

export type Session = postgres.ReservedSql;

export interface Waiting {
  report: (line: string) => void;
  /** How long a statement may wait for the lock of a table before it gives way and tries again. */
  lockTimeoutMs: number;
  signal?: AbortSignal;
}

// Any fixed number will do that nothing else in the database takes; this is "almanac" in ASCII.
const lockKey = "27422289782792547";
const pollMs = 100;
const patienceMs = 10 * 60_000;

/**
 * Opens the one connection that `work` runs on, and closes it. `url` must not lead through a pooler. After a failure
 * nothing more is said on it: the server rolls back what it finds open, and the driver may not survive another query.
 */
export async function withSession<T>(
  url: string,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { default: open } = await import("postgres");
  // `fetch_types` keeps its default: with false, `reserve()` of postgres.js 3.4.9 never answers.
  const sql = open(url, {
    max: 1,
    max_lifetime: null,
    connect_timeout: 10,
    onnotice: () => {},
    connection: { application_name: "almanac-migrations", statement_timeout: 0 },
  });
  let patienceSeconds = 0;
  try {
    const session = await sql.reserve();
    const result = await work(session);
    session.release();
    patienceSeconds = 1;
    return result;
  } finally {
    await sql.end({ timeout: patienceSeconds });
  }
}

/**
 * Makes this session the only one that migrates its database, until it ends. It asks again and again instead of waiting
 * inside `pg_advisory_lock()`: a waiting statement holds a snapshot, on which another's CREATE INDEX CONCURRENTLY waits
 * in turn, and Postgres ends one of the two as a deadlock.
 */
export async function takeMigrationLock(session: Session, { report, signal }: Waiting) {
  const startedMs = performance.now();
  for (let tries = 1;; tries++) {
    signal?.throwIfAborted();
    const [row] = await session<{ taken: boolean }[]>`
      select pg_try_advisory_lock(${lockKey}::bigint) as taken`;
    if (row?.taken) return;
    if (tries === 1) report("Another process migrates this database; waiting for it.");
    if (performance.now() - startedMs > patienceMs) {
      throw new MigrationError("Another process has been migrating this database for ten minutes.");
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** Fails where this connection does not hold the lock any more: it was replaced, or a pooler hands out several. */
export async function assertLocked(session: Session): Promise<void> {
  const [row] = await session<{ held: boolean }[]>`
    select exists (
      select from pg_locks
      where locktype = 'advisory' and pid = pg_backend_pid() and granted
        and database = (select oid from pg_database where datname = current_database())
        and (classid::bigint << 32 | objid::bigint) = ${lockKey}::bigint
    ) as held`;
  if (row?.held) return;
  throw new MigrationError(
    "The migration lock was lost. DATABASE_URL must not lead through a pooler here.",
  );
}
