import type { RedisStore } from "../redis.ts";
import { advance, fieldsToTell, learn, markTold, type Tally } from "./tally.ts";
import { type Clock, secondMs } from "../time.ts";

/** Tells other processes what this one has admitted, and learns what they have: all callers in one call. */
export interface Squaring {
  /** Has a tally told of within a second. */
  mark(tally: Tally): void;
  /** As soon as that does no harm: a caller is using up what we may admit without asking. */
  hurry(): void;
  /** Once a round that begins after this call has ended. */
  round(): Promise<void>;
  /** False while Redis is away: then each process counts for itself. */
  isShared(): boolean;
  forget(tally: Tally): void;
  close(): Promise<void>;
}

export interface SquaringOptions {
  redis: RedisStore;
  now: Clock;
  newId: () => string;
}

const everyMs = secondMs;
/** What comes in a burst is told of together. */
const hurryMs = 5;
/** Three commands each; the rest waits for the next round. */
const talliesMax = 300;

export function createSquaring(options: SquaringOptions): Squaring {
  const dirty = new Set<Tally>();
  let shared = true;
  let closed = false;
  let running: Promise<void> | undefined;
  let queued: Promise<void> | undefined;
  let timer: { id: ReturnType<typeof setTimeout>; dueMs: number } | undefined;

  function schedule(delayMs: number) {
    const dueMs = performance.now() + delayMs;
    if (closed || (timer !== undefined && timer.dueMs <= dueMs)) return;
    clearTimeout(timer?.id);
    const id = setTimeout(() => void round(), delayMs);
    Deno.unrefTimer(id);
    timer = { id, dueMs };
  }

  async function square() {
    clearTimeout(timer?.id);
    timer = undefined;
    const tallies = [...dirty].slice(0, talliesMax);
    for (const tally of tallies) dirty.delete(tally);
    if (tallies.length === 0 || closed) return;
    shared = await exchange(options, tallies);
    for (const tally of tallies) if (tally.spent > 0) dirty.add(tally);
    if (dirty.size > 0) schedule(everyMs);
  }

  /** One at a time: who comes while one runs gets the next, since the running one knows nothing of theirs. */
  function round(): Promise<void> {
    if (running === undefined) return start();
    return queued ??= running.then(() => {
      queued = undefined;
      return start();
    });
  }

  function start(): Promise<void> {
    return running = square().finally(() => running = undefined);
  }

  return {
    mark(tally) {
      dirty.add(tally);
      schedule(everyMs);
    },
    hurry() {
      if (shared) schedule(hurryMs);
    },
    round,
    isShared: () => shared && !closed,
    forget: (tally) => void dirty.delete(tally),
    async close() {
      closed = true;
      clearTimeout(timer?.id);
      await running;
    },
  };
}

/** One pipeline for all of them; false where Redis did not answer. Then all is told again the next time. */
async function exchange(options: SquaringOptions, tallies: Tally[]): Promise<boolean> {
  const told = tallies.map((tally) => {
    advance(tally, options.now());
    // Drawn here, since most callers are gone before they are ever told of.
    if (tally.fieldStem === "") tally.fieldStem = options.newId().slice(-12);
    return { tally, fields: fieldsToTell(tally), spent: tally.spent, own: [...tally.own] };
  });
  const replies = await options.redis.attempt(async (client) => {
    const pipeline = client.pipeline();
    for (const { tally: { key, quota, stale }, fields } of told) {
      if (Object.keys(fields).length > 0) pipeline.hset(key, fields);
      if (stale.length > 0) pipeline.hdel(key, ...stale.splice(0));
      pipeline.pexpire(key, Math.ceil(quota.windowMs * 1.1));
      pipeline.hgetall(key);
    }
    return await pipeline.exec<unknown[]>();
  });
  if (replies === undefined) return false;
  const hashes = replies.filter((reply) => reply === null || Array.isArray(reply));
  told.forEach(({ tally, spent, own }, at) => {
    markTold(own);
    advance(tally, options.now());
    learn(tally, (hashes[at] ?? []) as string[], spent);
  });
  return true;
}
