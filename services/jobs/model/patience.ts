import { hourMs, minuteMs, secondMs } from "../../../lib/time.ts";
import type { JobPolicy } from "../schema.ts";

/** How often a message is published anew before staff have to look at it. */
export const roundsMax = 3;

/** What a queue may add to its own waits: outages, backlogs, waits that our answers asked for. */
const earlyMs = [15 * minuteMs, hourMs, 6 * hourMs];
const dayMs = 24 * hourMs;

/**
 * For how long each round of a message waits for a word of it. A copy costs little and does no harm, so the first ones
 * come early; before it is given up for lost, all that QStash may still be trying is waited for: its waits (e^2.5n
 * seconds before the n-th retry, a day at most; upstash.com/docs/qstash/features/retry) and all tries at full length.
 */
export function patienceMs({ retries, timeLimitSeconds }: JobPolicy): number[] {
  const tryMs = timeLimitSeconds * secondMs;
  let allMs = tryMs;
  for (let retry = 1; retry <= retries; retry++) {
    allMs += Math.min(dayMs, Math.ceil(Math.exp(2.5 * retry) * secondMs)) + tryMs;
  }
  return [...earlyMs.map((ms) => ms + tryMs), allMs + 6 * hourMs];
}
