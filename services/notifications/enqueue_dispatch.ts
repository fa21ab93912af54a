import { dayMs, type EpochMs } from "../../lib/time.ts";
import type { InTransaction, Needs } from "../ctx.ts";
import { enqueueJob, type JobRequest } from "../jobs/mod.ts";

/** No queue keeps a message for a year: what is further away is found by the sweep of each minute. */
const aheadMaxMs = dayMs;

/** Wakes somebody who sends, at the moment at which a message is due. */
export async function enqueueDispatch(
  ctx: Needs<"newId" | "now" | "queue"> & InTransaction,
  notificationId: string,
  version: number,
  atMs: EpochMs,
): Promise<void> {
  for (const wake of wakeFor(ctx, notificationId, version, atMs)) await enqueueJob(ctx, wake);
}

/** The wake-up call for a message; none for one that is due far ahead. */
export function wakeFor(
  ctx: Needs<"now">,
  notificationId: string,
  version: number,
  atMs: EpochMs,
): JobRequest[] {
  const aheadMs = atMs - ctx.now();
  if (aheadMs > aheadMaxMs) return [];
  return [{
    job: "dispatch_notifications",
    key: notificationId,
    version,
    // The queue counts whole seconds, and what is due now must not wait for the next one.
    ...(aheadMs > 0 ? { notBeforeMs: atMs } : {}),
  }];
}
