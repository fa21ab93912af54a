import { type Database, inSavepoint, type Session, type Sql } from "../lib/database.ts";
import type { LiveBus } from "../lib/live_bus.ts";
import type { Log } from "../lib/log.ts";
import type { MemoryCache } from "../lib/memory_cache.ts";
import type { RandomBytes } from "../lib/random.ts";
import type { RedisStore } from "../lib/redis.ts";
import type { Clock } from "../lib/time.ts";
import type { TraceContext } from "../lib/trace_context.ts";
import type { Settings } from "../config.ts";
import type { KeyRing } from "./auth/mod.ts";
import type { Queue } from "./jobs/mod.ts";
import type { MailProvider } from "./notifications/mod.ts";
import type { QuoteProvider } from "./market_data/mod.ts";

/** Everything that a verb may reach. A verb takes the part it needs: `Needs<"actor" | "database">`. */
export interface Ctx {
  actor: Actor;
  requestId: string;
  /** Where the call came from, as far as it can be known; kept with audit rows. */
  origin: Origin;
  signal: AbortSignal;
  log: Log;
  now: Clock;
  newId: () => string;
  random: RandomBytes;
  database: Database;
  redis: RedisStore;
  memory: MemoryCache;
  queue: Queue;
  live: LiveBus;
  keys: KeyRing;
  vendors: Vendors;
  settings: Settings;
}

export type Needs<Field extends keyof Ctx> = Pick<Ctx, Field>;

/** The outside parties, by what they do for us, in the order in which they are asked; loaded when first needed. */
export interface Vendors {
  mail(): Promise<MailProvider[]>;
  quotes(): Promise<QuoteProvider[]>;
}

export interface Origin {
  address: string;
  userAgent: string;
  /** The trace that the caller has begun, handed on to vendors and jobs. */
  trace?: TraceContext;
}

export type Actor =
  | { kind: "anonymous" }
  | Person
  | { kind: "system"; job: string };

export interface Person {
  kind: "person";
  userId: string;
  sessionId: string;
  role: string;
  permissions: ReadonlySet<string>;
  /** When the access token ends, or what was found out of an API key is to be found out again. */
  expiresAtMs: number;
  /** Set where a program asks with an API key of theirs; `sessionId` is then the key's id. */
  via?: "api_key";
}

/** What a verb has inside its transaction. */
export interface InTransaction {
  sql: Sql;
  /**
   * Hands `item` to `write`, which is called once as the last thing before the commit, with all that it was handed in
   * this transaction by whatever verbs joined it. What it throws undoes the transaction.
   */
  beforeCommit<T>(write: LastWrite<T>, item: T): void;
  /** Runs once the transaction is committed, never when it is rolled back; waited for, errors logged. */
  afterCommit(work: () => unknown): void;
}

/** What is written at the end of a transaction, in one go: the locks that it takes are held no longer than a commit. */
export type LastWrite<T> = (sql: Sql, items: T[]) => Promise<void>;

type TransactionNeeds = Needs<"actor" | "database" | "log">;

/**
 * Runs `work` in one transaction as the context's actor, with the same context plus `sql`. Inside a transaction
 * it joins that one, so that verbs of several domains commit together.
 */
export async function inTransaction<C extends TransactionNeeds, T>(
  ctx: C,
  work: (ctx: C & InTransaction) => Promise<T>,
): Promise<T> {
  if (isInTransaction(ctx)) return await work(ctx);
  let pending: (() => unknown)[] = [];
  const result = await ctx.database.transaction(sessionOf(ctx.actor), async (sql) => {
    // A transaction that is tried again starts with empty lists.
    const afterCommit: (() => unknown)[] = pending = [];
    const { beforeCommit, writeAll } = gatherWrites(sql);
    const done = await work({
      ...ctx,
      sql,
      beforeCommit,
      afterCommit: (next) => afterCommit.push(next),
    });
    await writeAll();
    return done;
  });
  for (const next of pending) {
    try {
      await next();
    } catch (error) {
      ctx.log.warn("after commit", { error });
    }
  }
  return result;
}

/**
 * Runs `work` within a transaction so that its failure undoes it alone: its statements, and what it would have done
 * around the commit.
 */
export async function inAttempt<C extends InTransaction, T>(
  tx: C,
  work: (tx: C) => Promise<T>,
): Promise<T> {
  const afterwards: (() => void)[] = [];
  const held: Pick<InTransaction, "afterCommit" | "beforeCommit"> = {
    beforeCommit: (write, item) => void afterwards.push(() => tx.beforeCommit(write, item)),
    afterCommit: (next) => void afterwards.push(() => tx.afterCommit(next)),
  };
  const result = await inSavepoint(tx.sql, () => work({ ...tx, ...held }));
  for (const pass of afterwards) pass();
  return result;
}

/** The same context acting for the product itself: past row-level security, named in the audit log. */
export function asSystem<C extends Needs<"actor">>(ctx: C, job: string): C {
  return { ...ctx, actor: { kind: "system", job } };
}

/** One list for each kind of last write, whichever verb adds to it. */
function gatherWrites(sql: Sql) {
  const lists = new Map<unknown, unknown[]>();
  const writes: (() => Promise<void>)[] = [];

  function beforeCommit<T>(write: LastWrite<T>, item: T): void {
    const known = lists.get(write);
    if (known) return void known.push(item);
    const items = [item];
    lists.set(write, items);
    writes.push(() => write(sql, items));
  }

  return {
    beforeCommit,
    async writeAll() {
      for (const write of writes) await write();
    },
  };
}

function isInTransaction<C>(ctx: C): ctx is C & InTransaction {
  return typeof ctx === "object" && ctx !== null && "sql" in ctx;
}

function sessionOf(actor: Actor): Session {
  if (actor.kind === "system") return { role: "almanac_system", userId: "", staff: false };
  if (actor.kind === "anonymous") return { role: "almanac_app", userId: "", staff: false };
  return {
    role: "almanac_app",
    userId: actor.userId,
    staff: actor.permissions.has("people:read"),
  };
}
