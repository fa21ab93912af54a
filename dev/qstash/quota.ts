import { dayMs, secondMs } from "../../lib/time.ts";
import type { Plan } from "./plans.ts";
import { Refusal } from "./refusal.ts";

/** What is left of the plan's limits by day and by second. */
export interface Quota {
  /** Throws a 429 where so many more messages are too many for today. */
  requireMessages(count: number): void;
  takeMessage(): void;
  /** Counts a call to a list or a setting; throws a 429 where it is one too many for this second. */
  takeManagementCall(): void;
  messagesToday(): number;
}

export function createQuota(now: () => number, plan: Plan): Quota {
  const day = createWindow(now, dayMs);
  const second = createWindow(now, secondMs);
  return {
    requireMessages(count) {
      const max = plan.messagesPerDay;
      if (day.count() + count > max) {
        throw tooMany(`exceeded the daily limit of ${max} messages`, "", max, day.endMs());
      }
    },
    takeMessage: day.add,
    takeManagementCall() {
      const max = plan.managementCallsPerSecond;
      if (second.count() >= max) {
        throw tooMany(`exceeded ${max} calls in a second`, "Burst-", max, second.endMs());
      }
      second.add();
    },
    messagesToday: day.count,
  };
}

/** The headers by which the SDK tells the daily limit (`RateLimit-`) from the one by second (`Burst-RateLimit-`). */
export function limitHeaders(prefix: "" | "Burst-", max: number, resetMs: number) {
  return {
    [`${prefix}RateLimit-Limit`]: String(max),
    [`${prefix}RateLimit-Remaining`]: "0",
    [`${prefix}RateLimit-Reset`]: String(Math.ceil(resetMs / secondMs)),
  };
}

function tooMany(message: string, prefix: "" | "Burst-", max: number, resetMs: number): Refusal {
  return new Refusal(429, message, limitHeaders(prefix, max, resetMs));
}

/** Counts within windows that follow one another from midnight on. */
function createWindow(now: () => number, lengthMs: number) {
  let index = 0;
  let count = 0;
  function roll() {
    const current = Math.floor(now() / lengthMs);
    if (current !== index) count = 0;
    index = current;
  }
  return {
    count() {
      roll();
      return count;
    },
    add() {
      roll();
      count++;
    },
    endMs: () => (Math.floor(now() / lengthMs) + 1) * lengthMs,
  };
}
