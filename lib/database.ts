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
import { pause } from "./time.ts";

/** What a transaction runs SQL with; refuses to once the transaction has ended. */
export type Sql = postgres.ISql;

/** Who a transaction acts as: the database role, and the values that row-level security reads. */
export interface Session {
  role: "almanac_app" | "almanac_system";
  userId: string;
  staff: boolean;
}

export interface Database {
  /** Runs `work` in one transaction as `session`; serialisation failures and deadlocks are tried again, thrice at most. */
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

/** Opens nothing yet: the driver is loaded and connects at the first transaction, which keeps it off the start path. */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = createConnectionPool((onClose) => openDriver(options, onClose), options.poolMax);

  async function attempt<T>(session: Session, work: (sql: Sql) => Promise<T>): Promise<T> {
    const system = session.role === "almanac_system";
    const deadlineMs = system ? options.systemDeadlineMs : options.deadlineMs;
    const turn = startTurn(deadlineMs);
    const running = run(turn, (sql) => enter(sql, session, deadlineMs, work));
    // Also watched once nobody waits for it any more.
    running.catch(() => {});
    try {
      return await Promise.race([running, turn.ended]);
    } finally {
      turn.stop();
    }
  }

  /** Has a connection to itself as long as the turn lasts. */
  async function run<T>(turn: Turn, work: (sql: Sql) => Promise<T>): Promise<T> {
    const connection = await pool.take();
    let reserved: postgres.ReservedSql | undefined;
    try {
      // Connecting has a limit of its own: what comes too late for this turn serves the next one.
      reserved = await connection.reserve();
      turn.onMissed(() => {
        // What does not answer in time never answers again, so it is not given back.
        options.log.event({
          severity: "warning",
          kind: "connection_replaced",
          message: "a database connection stopped answering and was replaced",
        });
        connection.discard();
      });
      connection.onLost(turn.fail);
      return await transact(connection, reserved, work);
    } catch (error) {
      connection.onLost(() => {});
      if (isConnectionError(error)) connection.discard();
      throw error;
    } finally {
      if (!connection.isLost()) reserved?.release();
      pool.giveBack(connection);
    }
  }

  return {
    async transaction(session, work) {
      const asked: { stack?: string } = {};
      Error.captureStackTrace(asked);
      for (let tries = 1;; tries++) {
        try {
          return await attempt(session, work);
        } catch (error) {
          if (tries >= triesMax || !isTransient(error)) {
            throw asFailure(saysWho(error, asked.stack));
          }
          await pause(2 ** tries * 10 * (0.5 + jitter()));
        }
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

async function openDriver(
  options: DatabaseOptions,
  onclose: () => void,
): Promise<postgres.Sql> {
  const { default: open } = await import("postgres");
  return open(options.url, {
    max: 1,
    prepare: options.prepare,
    connect_timeout: Math.max(1, Math.ceil(options.deadlineMs / 1_000)),
    // Both are for a pool; ours looks after its own connections.
    idle_timeout: 0,
    max_lifetime: 0,
    connection: { application_name: "almanac" },
    onnotice: () => {},
    onclose,
  });
}

// Postgres cancels at `statement_timeout`; this is for the connection that no longer answers at all.
const graceMs = 250;

class DeadlineMissed extends Error {
  override name = "DeadlineMissed";
}

/** The time that a transaction has, waiting for a connection included. */
interface Turn {
  /** Rejects when the time is up, or with what `fail` is given. */
  ended: Promise<never>;
  fail(error: Error): void;
  /** Whom to tell when the time is up. Throws where it is up already. */
  onMissed(hear: () => void): void;
  stop(): void;
}

function startTurn(deadlineMs: number): Turn {
  const { promise: ended, reject: fail } = Promise.withResolvers<never>();
  let missed: DeadlineMissed | undefined;
  let hear = () => {};
  const timer = setTimeout(() => {
    missed = new DeadlineMissed(`no answer in ${deadlineMs} ms`);
    fail(missed);
    hear();
  }, deadlineMs + graceMs);
  return {
    ended,
    fail,
    onMissed(next) {
      if (missed) throw missed;
      hear = next;
    },
    stop: () => clearTimeout(timer),
  };
}

/** BEGIN travels with the first statements of `work`: Postgres refuses these where it should ever refuse that. */
async function transact<T>(
  connection: Connection,
  reserved: postgres.ReservedSql,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  const handle = lend(reserved, connection);
  try {
    const [, result] = await Promise.all([reserved`begin`.execute(), work(handle.sql)]);
    handle.end();
    if (connection.isLost()) throw new ConnectionLost("lost before the commit");
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
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  const entered = sql`
    select set_config('role', ${session.role}, true),
           set_config('app.user_id', ${session.userId}, true),
           set_config('app.staff', ${session.staff ? "on" : "off"}, true),
           set_config('statement_timeout', ${String(deadlineMs)}, true),
           set_config('idle_in_transaction_session_timeout', ${String(deadlineMs)}, true)`
    .execute();
  const [, result] = await Promise.all([entered, work(sql)]);
  return result;
}

const transientCodes = new Set(["40001", "40P01"]);
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
