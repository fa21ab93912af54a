import type postgres from "postgres";
import {
  type Connection,
  ConnectionLost,
  type ConnectionPool,
  createConnectionPool,
  type PoolFigures,
} from "./connections.ts";
import { type ErrorCode, fail, Failure } from "./errors.ts";
import type { Log } from "./log.ts";
import { openDriver } from "./database_driver.ts";
import { pause, secondMs, stopwatch } from "./time.ts";
import { DeadlineMissed, graceMs, startTurn, type Turn } from "./turn.ts";

/** What a transaction runs SQL with; refuses to once the transaction has ended. */
export type Sql = postgres.ISql;

/** Who a transaction acts as: the database role, and the values that row-level security reads. */
export interface Session {
  role: "almanac_app" | "almanac_system";
  userId: string;
  staff: boolean;
}

export interface Database {
  /**
   * Runs `work` in one transaction as `session`, anew where nothing of it can have been kept: thrice at most after a
   * serialisation failure, a deadlock, or a connection lost before the commit; for a second where Postgres cannot be
   * reached. All of it within the one deadline.
   */
  transaction<T>(session: Session, work: (sql: Sql) => Promise<T>): Promise<T>;
  pool(): PoolFigures;
  /** Connects ahead of need, for when what stands before Postgres seems to be failing. Waits for nothing. */
  warm(): void;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  url: string;
  poolMax: number;
  /** False behind a pooler in transaction mode, where prepared statements get lost. */
  prepare: boolean;
  /** The longest that a request's transaction may take, connecting included. */
  deadlineMs: number;
  /** The same for the transaction of a job. */
  systemDeadlineMs: number;
  log: Log;
}

const triesMax = 3;
const pauseMaxMs = 100;

/**
 * How long whoever needs Postgres waits for one that cannot be reached: a restart is over by then, and nobody hears of
 * it. Counted from the first who could not reach it, so that in a longer outage everybody is told at once.
 */
const patienceMs = secondMs;

/** What the transactions of a database share. */
interface Reach {
  options: DatabaseOptions;
  pool: ConnectionPool;
  /** Since when Postgres cannot be reached, as far as anybody has found out. */
  awaySince: (() => number) | undefined;
}

/** Opens nothing yet: the driver is loaded and connects at the first transaction, which keeps it off the start path. */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = createConnectionPool((onClose) => openDriver(options, onClose), options.poolMax);
  const reach: Reach = { options, pool, awaySince: undefined };

  return {
    async transaction(session, work) {
      const asked: { stack?: string } = {};
      Error.captureStackTrace(asked);
      const system = session.role === "almanac_system";
      const turn = startTurn(system ? options.systemDeadlineMs : options.deadlineMs);
      try {
        for (let tries = 1;; tries++) {
          const trial: Trial = { connected: false, answered: false, committing: false };
          try {
            return await attempt(reach, turn, session, work, trial);
          } catch (error) {
            if (!mayTryAgain(reach, error, trial, tries)) throw error;
            const waitMs = Math.min(2 ** tries * 10, pauseMaxMs) * (0.5 + jitter());
            // What still works on a connection that is gone reaches nothing there, and is not waited for: of statements
            // that stood in line for it, the driver answers none.
            await Promise.race([pause(waitMs), turn.ended]);
          }
        }
      } catch (error) {
        throw asFailure(saysWho(error, asked.stack));
      } finally {
        turn.stop();
      }
    },
    pool: () => pool.figures(),
    warm() {
      // Two, since who asks is looked up while what is asked for is.
      for (let count = 0; count < 2; count++) void connect(pool).catch(() => {});
    },
    close: () => pool.close(),
  };
}

async function attempt<T>(
  reach: Reach,
  turn: Turn,
  session: Session,
  work: (sql: Sql) => Promise<T>,
  trial: Trial,
): Promise<T> {
  const { promise: lost, reject: lose } = Promise.withResolvers<never>();
  const running = run(reach, turn, trial, lose, async (sql) => {
    return await enter(sql, session, turn.leftMs(), trial, work);
  });
  // Also watched once nobody waits for it any more.
  running.catch(() => {});
  return await Promise.race([running, turn.ended, lost]);
}

/** Has a connection to itself as long as the work on it lasts. */
async function run<T>(
  reach: Reach,
  turn: Turn,
  trial: Trial,
  lose: (error: Error) => void,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  const { pool } = reach;
  const connection = await pool.take();
  let reserved: postgres.ReservedSql | undefined;
  let relax = () => {};
  try {
    // Connecting has a limit of its own: what comes too late for this turn serves the next one.
    reserved = await connection.reserve();
    trial.connected = true;
    const heldMs = stopwatch();
    const isSilent = () => replace(reach, connection, heldMs());
    const forgetMissed = turn.onMissed(isSilent);
    const stopWatch = watchFirstAnswer(reach.options, turn, trial, isSilent);
    relax = () => {
      stopWatch();
      forgetMissed();
    };
    connection.onLost((error) => {
      relax();
      lose(error);
    });
    const result = await transact(connection, reserved, work, trial);
    reach.awaySince = undefined;
    return result;
  } catch (error) {
    connection.onLost(() => {});
    if (codeOf(error) === tooManyConnections) pool.makeDo();
    // One that did not come to be is of no use either: the driver would let the next who asks wait for its own tries.
    if (!trial.connected || isConnectionError(error)) connection.discard();
    throw error;
  } finally {
    relax();
    if (!connection.isLost()) reserved?.release();
    pool.giveBack(connection);
  }
}

/** Who it is that begins asks for nothing that takes time: a job does not wait ten deadlines to find nobody there. */
function watchFirstAnswer(
  options: DatabaseOptions,
  turn: Turn,
  trial: Trial,
  hear: () => void,
): () => void {
  if (turn.leftMs() <= options.deadlineMs) return () => {};
  const timer = setTimeout(() => trial.answered || hear(), options.deadlineMs + graceMs);
  return () => clearTimeout(timer);
}

/**
 * What does not answer in time never answers again, so it is not given back. Where one connection has gone silent,
 * the others have as well, unless they have answered since: each would cost somebody a whole deadline to find out.
 */
function replace({ options, pool }: Reach, connection: Connection, silentMs: number) {
  options.log.event({
    severity: "warning",
    kind: "connection_replaced",
    message: "a database connection stopped answering and was replaced",
  });
  connection.discard();
  pool.discardIdle(silentMs);
}

/**
 * Without COMMIT, Postgres keeps nothing of a transaction whose connection is gone: all of it may be done again. Once
 * COMMIT was sent, nobody can know: whoever asked finds out, with the key of the request or the run of the job.
 */
function mayTryAgain(reach: Reach, error: unknown, trial: Trial, tries: number): boolean {
  if (isTransient(error)) return tries < triesMax;
  if (trial.committing) return false;
  if (trial.connected) return isConnectionError(error) && tries < triesMax;
  if (!isConnectionError(error) && codeOf(error) !== tooManyConnections) return false;
  reach.awaySince ??= stopwatch();
  return !reach.pool.isClosed() && reach.awaySince() < patienceMs;
}

/**
 * Maps violated constraints by their name to failures of the catalogue, for use in a store:
 * `await sql`…`.catch(onConstraint({ users_email_key: "email_taken" }))`.
 */
export function onConstraint(codes: Record<string, ErrorCode>): (error: unknown) => never {
  return (error) => {
    const code = codes[(error as { constraint_name?: string }).constraint_name ?? ""];
    if (code) fail(code, { cause: error });
    throw error;
  };
}

/**
 * Runs `work` so that its failure undoes itself alone and not the whole transaction. The savepoint travels with the
 * first statement of `work`.
 */
export async function inSavepoint<T>(sql: Sql, work: () => Promise<T>): Promise<T> {
  const begun = sql`savepoint attempt`.execute();
  try {
    const [, result] = await Promise.all([begun, work()]);
    await sql`release savepoint attempt`;
    return result;
  } catch (error) {
    await sql`rollback to savepoint attempt`;
    throw error;
  }
}

async function connect(pool: ConnectionPool): Promise<void> {
  const connection = await pool.take();
  try {
    (await connection.reserve()).release();
  } catch (error) {
    connection.discard();
    throw error;
  } finally {
    pool.giveBack(connection);
  }
}

/** How far one try of a transaction came. */
interface Trial {
  connected: boolean;
  /** Postgres has answered to its beginning. */
  answered: boolean;
  /** COMMIT was sent. */
  committing: boolean;
}

/** BEGIN travels with the first statements of `work`: Postgres refuses these where it should ever refuse that. */
async function transact<T>(
  connection: Connection,
  reserved: postgres.ReservedSql,
  work: (sql: Sql) => Promise<T>,
  trial: Trial,
): Promise<T> {
  const handle = lend(reserved, connection);
  try {
    const [, result] = await Promise.all([reserved`begin`.execute(), work(handle.sql)]);
    handle.end();
    if (connection.isLost()) throw new ConnectionLost("lost before the commit");
    trial.committing = true;
    const { command } = await reserved`commit`;
    // Postgres answers so where a statement had failed: it has rolled back.
    if (command !== "COMMIT") throw new Error("a statement had failed, and the work went on");
    return result;
  } catch (error) {
    handle.end();
    if (!connection.isLost() && !isConnectionError(error)) {
      await reserved`rollback`.catch(() => connection.discard());
    }
    throw error;
  }
}

/** A handle on a connection that works until the transaction ends, since the next one on it may be somebody else's. */
function lend(reserved: postgres.ReservedSql, connection: Connection) {
  let ended = false;
  function check() {
    if (ended) throw new Error("SQL outside of its transaction");
    if (connection.isLost()) throw new ConnectionLost("lost within the transaction");
  }
  const sql = new Proxy(reserved, {
    apply(target, self, args) {
      check();
      return Reflect.apply(target, self, args);
    },
    get(target, name) {
      check();
      return Reflect.get(target, name);
    },
  });
  return { sql: sql as Sql, end: () => void (ended = true) };
}

/**
 * The role, the actor and the timeouts are set in one statement that travels with the first query of `work`. The second
 * timeout is for processes that vanish: what they have locked must not stay locked.
 */
async function enter<T>(
  sql: Sql,
  session: Session,
  deadlineMs: number,
  trial: Trial,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  const entered = sql`
    select set_config('role', ${session.role}, true),
           set_config('app.user_id', ${session.userId}, true),
           set_config('app.staff', ${session.staff ? "on" : "off"}, true),
           set_config('statement_timeout', ${String(deadlineMs)}, true),
           set_config('idle_in_transaction_session_timeout', ${String(deadlineMs)}, true)`
    .execute().then(() => void (trial.answered = true));
  const [, result] = await Promise.all([entered, work(sql)]);
  return result;
}

const transientCodes = new Set(["40001", "40P01"]);
const tooManyConnections = "53300";
const connectionCodes = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
  "25P03", // idle in a transaction
  "57P01", // shut down by the administrator
  "57P02",
  "57P03",
]);
const unavailableCodes = new Set([
  "25006", // read-only
  "55P03", // lock not available
  "57014", // statement timeout
]);

/** The driver keeps four lines of a stack, all of them its own: without ours nobody would know whose query it was. */
function saysWho(error: unknown, stack = ""): unknown {
  if (error instanceof Error && !(error instanceof Failure) && "severity" in error) {
    Object.defineProperty(error, "stack", { value: error.stack + stack.replace(/^.*/, "") });
  }
  return error;
}

function isTransient(error: unknown): boolean {
  return transientCodes.has(codeOf(error));
}

/** Whether a whole new transaction may succeed where this one failed, so that nothing within it should make do. */
export function isPassing(error: unknown): boolean {
  return isTransient(error) || isConnectionError(error);
}

/** Class 08 of Postgres' codes is what a connection broke of. */
function isConnectionError(error: unknown): boolean {
  const code = codeOf(error);
  return connectionCodes.has(code) || code.startsWith("08");
}

function asFailure(error: unknown): unknown {
  if (error instanceof Failure) return error;
  const code = codeOf(error);
  // Class 53: no memory, disk or connection left.
  const away = unavailableCodes.has(code) || code.startsWith("53") || isTransient(error) ||
    isConnectionError(error) || error instanceof DeadlineMissed;
  return away ? new Failure("unavailable", { cause: error }) : error;
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? "");
}

function jitter(): number {
  return crypto.getRandomValues(new Uint8Array(1))[0]! / 255;
}
