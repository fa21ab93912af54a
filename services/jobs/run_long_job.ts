import { fail } from "../../lib/errors.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { openProgress } from "./open_progress.ts";
import type { Delivery, TellProgress } from "./schema.ts";
import { recordFailedRun } from "./record_failed_run.ts";
import { endOutbox } from "./store/outbox.ts";
import { finishRun, isRunOver, leaseRun } from "./store/runs.ts";

type RunNeeds = Needs<"actor" | "database" | "live" | "log" | "now" | "requestId">;

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
  work: (ctx: C, tell: TellProgress) => Promise<void>,
): Promise<"done" | "duplicate"> {
  const fence = await inTransaction(
    ctx,
    ({ sql }) => leaseRun(sql, delivery, ctx.requestId, ctx.now(), leaseMs),
  );
  if (fence === undefined) return await refuse(ctx, delivery, leaseMs);
  const progress = openProgress(ctx, delivery, fence);
  try {
    await work(ctx, progress.tell);
  } catch (error) {
    await recordFailedRun(ctx, delivery, error, fence);
    progress.close("failed");
    throw error;
  }
  const ended = { fence, progress: progress.latest() };
  const ours = await inTransaction(ctx, ({ sql }) => finishRun(sql, delivery, ctx.now(), ended));
  if (!ours) tellLeaseLost(ctx, delivery, fence);
  else progress.close("succeeded");
  return "done";
}

/** Somebody has taken the run over or given it up: this one was slower than its time limit. Without the key, an id of somebody's. */
function tellLeaseLost(ctx: RunNeeds, { job, version }: Delivery, fence: number): void {
  ctx.log.event({
    severity: "warning",
    kind: "lease_lost",
    message: `${job} lost its lease while it worked`,
    details: { job, version, fence },
  });
}

async function refuse(ctx: RunNeeds, delivery: Delivery, leaseMs: number): Promise<"duplicate"> {
  const over = await inTransaction(ctx, async ({ sql }) => {
    const isOver = await isRunOver(sql, delivery);
    if (isOver) await endOutbox(sql, delivery, ctx.now());
    return isOver;
  });
  return over ? "duplicate" : fail("busy", { retryAfterSeconds: leaseMs / 1_000 });
}
