import { fail } from "../../lib/errors.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { Delivery } from "./schema.ts";
import { recordFailedRun } from "./record_failed_run.ts";
import { finishRun, hasSucceeded, leaseRun } from "./store.ts";

type RunNeeds = Needs<"actor" | "database" | "log" | "now" | "requestId">;

/**
 * Does `work` under a lease, outside of any transaction: for batches and for calls to vendors. The work itself is
 * made of rows that are claimed, so a second run after a crash goes on where the first one ended.
 *
 * @returns whether the work was done now, or had been done before
 */
export async function runLongJob<C extends RunNeeds>(
  ctx: C,
  delivery: Delivery,
  leaseMs: number,
  work: (ctx: C) => Promise<void>,
): Promise<"done" | "duplicate"> {
  const fence = await inTransaction(
    ctx,
    ({ sql }) => leaseRun(sql, delivery, ctx.requestId, ctx.now(), leaseMs),
  );
  if (fence === undefined) return await refuse(ctx, delivery, leaseMs);
  try {
    await work(ctx);
  } catch (error) {
    await recordFailedRun(ctx, delivery, error, fence);
    throw error;
  }
  const ours = await inTransaction(ctx, ({ sql }) => finishRun(sql, delivery, ctx.now(), fence));
  if (!ours) tellLeaseLost(ctx, delivery, fence);
  return "done";
}

/** Somebody else has taken the run over: this one was slower than its time limit. Without the key, an id of somebody's. */
function tellLeaseLost(ctx: RunNeeds, { job, version }: Delivery, fence: number): void {
  ctx.log.event({
    severity: "warning",
    kind: "lease_lost",
    message: `${job} lost its lease while it worked`,
    details: { job, version, fence },
  });
}

async function refuse(ctx: RunNeeds, delivery: Delivery, leaseMs: number): Promise<"duplicate"> {
  const done = await inTransaction(ctx, ({ sql }) => hasSucceeded(sql, delivery));
  return done ? "duplicate" : fail("busy", { retryAfterSeconds: leaseMs / 1_000 });
}
