import { dayMs, type EpochMs } from "../../lib/time.ts";
import type { InTransaction, Needs } from "../ctx.ts";
import { enqueueJob } from "../jobs/mod.ts";

/** No queue keeps a message for a year: what is further away is found by the sweep of each minute. */
const aheadMaxMs = dayMs;

/** Wakes somebody who sends, at the moment at which a message is due. */
export async function enqueueDispatch(
  ctx: Needs<"newId" | "now" | "queue"> & InTransaction,
  notificationId: string,
  version: number,
  atMs: EpochMs,
): Promise<void> {
  const aheadMs = atMs - ctx.now();
  if (aheadMs > aheadMaxMs) return;
  await enqueueJob(ctx, {
    job: "dispatch_notifications",
    key: notificationId,
    version,
    // The queue counts whole seconds, and what is due now must not wait for the next one.
    ...(aheadMs > 0 ? { notBeforeMs: atMs } : {}),
  });
}
