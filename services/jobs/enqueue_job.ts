import type { InTransaction, Needs } from "../ctx.ts";
import { jobOrigin, type OriginNeeds } from "./job_origin.ts";
import type { JobRequest } from "./schema.ts";
import { insertOutbox } from "./store/outbox.ts";

/**
 * Asks for work that is done if, and only if, the surrounding transaction commits. QStash is not called here: a row
 * is written, and a nudge after the commit publishes it. What a crash leaves, the next tick publishes.
 *
 * @returns false where it was asked for before
 */
export async function enqueueJob(
  ctx: Needs<"newId" | "queue"> & OriginNeeds & InTransaction,
  request: JobRequest,
): Promise<boolean> {
  const isNew = await insertOutbox(ctx.sql, ctx.newId(), request, jobOrigin(ctx));
  ctx.afterCommit(() => ctx.queue.nudge());
  return isNew;
}
