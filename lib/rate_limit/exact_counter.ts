import type { RedisStore } from "../redis.ts";
import type { Clock, EpochMs } from "../time.ts";
import { createCrowd } from "./crowd.ts";
import { type Quota, type Standing, standing } from "./quota.ts";
import { together } from "./together.ts";
import { createWindowLog, prune, record, type WindowLog } from "./window_log.ts";

/** Counts exactly, over all processes: never more than the limit in any window, and never fewer. */
export interface ExactCounter {
  /** One round trip; where Redis is away, what this process alone has admitted decides. */
  take(subject: string): Promise<Standing>;
  /** The same, but undefined where Redis is away. `also` are subjects that a call is noted under, but not judged by. */
  takeShared(subject: string, also?: readonly string[]): Promise<Standing | undefined>;
  /** By what this process alone has admitted. */
  takeAlone(subject: string): Standing;
}

export interface ExactCounterOptions {
  quota: Quota;
  redis: RedisStore;
  now: Clock;
  newId: () => string;
  /** How many callers are remembered. */
  callersMax?: number;
}

const callersMaxDefault = 20_000;

/**
 * A window is a sorted set of the moments of admitted calls. One transaction takes out what has left the window, adds
 * this call, counts, and cuts the set back to the limit: so it holds what was admitted and nothing else, and of many
 * at once exactly as many get through as there is room. No Lua, and no second trip to take back what was refused.
 */
export function createExactCounter(options: ExactCounterOptions): ExactCounter {
  const { quota: { limit, windowMs }, quota, now } = options;
  const logs = createCrowd<WindowLog>({
    max: options.callersMax ?? callersMaxDefault,
    isWorthKeeping(log) {
      prune(log, now(), windowMs);
      return log.admittedMs.length * 2 >= limit || log.fullUntilMs > now();
    },
  });

  const enter = together<Entry, Found>((entries) => enterWindows(options, entries));

  function logOf(subject: string): WindowLog {
    const known = logs.get(subject);
    if (known) {
      prune(known, now(), windowMs);
      return known;
    }
    const log = createWindowLog();
    logs.set(subject, log);
    return log;
  }

  /** What this process alone knows is a part of the truth: a refusal by it is right, and costs Redis nothing. */
  function refusalOf(log: WindowLog, nowMs: EpochMs): Standing | undefined {
    const fullByUs = log.admittedMs.length >= limit ? log.admittedMs[0]! + windowMs : 0;
    const untilMs = Math.max(fullByUs, log.fullUntilMs);
    return untilMs > nowMs ? standing(quota, false, 0, untilMs - nowMs) : undefined;
  }

  async function takeShared(
    subject: string,
    also: readonly string[] = [],
  ): Promise<Standing | undefined> {
    const nowMs = now();
    const log = logOf(subject);
    const refused = refusalOf(log, nowMs);
    if (refused) return refused;
    const found = await enter({ subjects: [subject, ...also], nowMs });
    if (found === undefined) return undefined;
    const freeAtMs = found.oldestMs + windowMs;
    if (found.count > limit) {
      log.fullUntilMs = freeAtMs;
      return standing(quota, false, 0, freeAtMs - nowMs);
    }
    // Others may have been let through without Redis meanwhile, where it answers one and not the next.
    const refusedMeanwhile = refusalOf(log, nowMs);
    if (refusedMeanwhile) return refusedMeanwhile;
    record(log, nowMs);
    return standing(quota, true, limit - found.count, freeAtMs - nowMs);
  }

  function takeAlone(subject: string): Standing {
    const nowMs = now();
    const log = logOf(subject);
    const refused = refusalOf(log, nowMs);
    if (refused) return refused;
    record(log, nowMs);
    const { admittedMs } = log;
    return standing(quota, true, limit - admittedMs.length, admittedMs[0]! + windowMs - nowMs);
  }

  return {
    take: async (subject) => await takeShared(subject) ?? takeAlone(subject),
    takeShared,
    takeAlone,
  };
}

/** One call on its way: the windows that it enters, the first of which judges it. */
interface Entry {
  subjects: readonly string[];
  nowMs: EpochMs;
}

interface Found {
  /** How many were in the window with this call. */
  count: number;
  oldestMs: EpochMs;
}

/** The transaction, for many calls at once. Undefined where Redis is away. */
async function enterWindows(
  { quota: { name, limit, windowMs }, redis, newId }: ExactCounterOptions,
  entries: readonly Entry[],
): Promise<Found[] | undefined> {
  const replies = await redis.attempt(async (client) => {
    const transaction = client.multi();
    for (const { subjects, nowMs } of entries) {
      const member = newId();
      for (const subject of subjects) {
        const key = `limit:${name}:${subject}`;
        transaction.zremrangebyscore(key, "-inf", nowMs - windowMs);
        transaction.zadd(key, { score: nowMs, member });
        transaction.zcard(key);
        transaction.zremrangebyrank(key, limit, -1);
        transaction.zrange(key, 0, 0, { withScores: true });
        transaction.pexpire(key, windowMs);
      }
    }
    return await transaction.exec<unknown[]>();
  });
  let at = 0;
  return replies && entries.map(({ subjects, nowMs }): Found => {
    const [, , count, , oldest] = replies.slice(at, at += subjects.length * commandsEach);
    return { count: Number(count), oldestMs: Number((oldest as unknown[])[1] ?? nowMs) };
  });
}

const commandsEach = 6;
