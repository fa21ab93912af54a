import { startRedis } from "../../../dev/redis/mod.ts";
import { uuidv7Maker } from "../../../lib/ids.ts";
import { silentLog } from "../../../lib/log.ts";
import { systemRandom } from "../../../lib/random.ts";
import { createExactCounter, type ExactCounter } from "../../../lib/rate_limit/exact_counter.ts";
import type { Quota } from "../../../lib/rate_limit/quota.ts";
import { createSharedCounter, type SharedCounter } from "../../../lib/rate_limit/shared_counter.ts";
import { createSquaring, type Squaring } from "../../../lib/rate_limit/squaring.ts";
import { openRedis } from "../../../lib/redis.ts";

export interface Isolate {
  squaring: Squaring;
  shared: SharedCounter;
  exact: ExactCounter;
}

export interface Isolates {
  redis: Awaited<ReturnType<typeof startRedis>>;
  isolate(): Isolate;
  advance(elapsedMs: number): void;
}

/** Processes over one Redis, with a clock that only the test moves: nothing leaves a window by itself. */
export async function withIsolates(
  quota: Quota,
  work: (isolates: Isolates) => Promise<void>,
): Promise<void> {
  const redis = await startRedis();
  const opened: Isolate[] = [];
  let nowMs = 1_800_000_000_000;
  const now = () => nowMs;
  const isolate = () => {
    const { url, token } = redis;
    const world = {
      redis: openRedis({ url, token, deadlineMs: 1_000, now, log: silentLog }),
      newId: uuidv7Maker(now, systemRandom),
      now,
      quota,
    };
    const squaring = createSquaring(world);
    const shared = createSharedCounter({ ...world, squaring });
    const made = { squaring, shared, exact: createExactCounter(world) };
    opened.push(made);
    return made;
  };
  try {
    await work({ redis, isolate, advance: (elapsedMs) => void (nowMs += elapsedMs) });
  } finally {
    redis.setFault(null);
    for (const { squaring } of opened) await squaring.close();
    await redis.stop();
  }
}

/** How many of so many calls, all at once, were admitted. */
export async function admittedAtOnce(counters: SharedCounter[], calls: number): Promise<number> {
  const asked = Array.from({ length: calls }, (_, n) => counters[n % counters.length]!.take("ada"));
  return (await Promise.all(asked)).filter(Boolean).length;
}

export async function admittedExactly(counters: ExactCounter[], calls: number): Promise<number> {
  const asked = Array.from({ length: calls }, (_, n) => counters[n % counters.length]!.take("ada"));
  return (await Promise.all(asked)).filter(({ admitted }) => admitted).length;
}
