import { dayMs, minuteMs } from "../../lib/time.ts";

/** What an account may do; what goes beyond it is answered as QStash does. */
export interface Plan {
  /** From midnight to midnight in UTC. A callback and a schedule's run are messages too, a retry is not. */
  messagesPerDay: number;
  bodyBytesMax: number;
  delayMsMax: number;
  /** The longest answer that is waited for, which is also how long one waits unless a message says less. */
  timeoutMsMax: number;
  deadLettersKeptMs: number;
  schedulesMax: number;
  queuesMax: number;
  urlGroupsMax: number;
  endpointsPerGroupMax: number;
  /** Requests that may be out at once, and the most that one queue may be given of them. */
  parallelism: number;
  /** Calls to lists and settings; publishing has no such limit. QStash documents the limit, not the number. */
  managementCallsPerSecond: number;
}

export type PlanName = "free" | "pay-as-you-go";

/** From the pricing page of Upstash. */
export const plans: Record<PlanName, Plan> = {
  "free": {
    messagesPerDay: 1_000,
    bodyBytesMax: 1_000_000,
    delayMsMax: 7 * dayMs,
    timeoutMsMax: 15 * minuteMs,
    deadLettersKeptMs: 3 * dayMs,
    schedulesMax: 10,
    queuesMax: 10,
    urlGroupsMax: 1,
    endpointsPerGroupMax: 100,
    parallelism: 10,
    managementCallsPerSecond: Infinity,
  },
  "pay-as-you-go": {
    messagesPerDay: Infinity,
    bodyBytesMax: 10_000_000,
    delayMsMax: 365 * dayMs,
    timeoutMsMax: 120 * minuteMs,
    deadLettersKeptMs: 7 * dayMs,
    // The first thousand are free; more are paid for.
    schedulesMax: Infinity,
    queuesMax: 100,
    urlGroupsMax: 100,
    endpointsPerGroupMax: Infinity,
    parallelism: 100,
    managementCallsPerSecond: Infinity,
  },
};
