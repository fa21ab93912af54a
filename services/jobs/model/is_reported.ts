import type { JobPolicy } from "../schema.ts";

/**
 * Whether the queue tells us when it gives a message up. What is not tried again, or only wakes somebody, is started
 * anew by the clock: a dead letter of it would tell nobody anything.
 */
export function isReported({ retries, slots }: Pick<JobPolicy, "retries" | "slots">): boolean {
  return retries > 0 && slots === undefined;
}
