import type { InTransaction, Needs } from "../ctx.ts";
import { jobOrigin, type OriginNeeds } from "./job_origin.ts";
import type { JobRequest } from "./schema.ts";
import { insertOutboxRows } from "./store/outbox.ts";

/** `enqueueJob` for many at once: one statement, however many there are. */
export async function enqueueJobs(
  ctx: Needs<"newId" | "queue"> & OriginNeeds & InTransaction,
  requests: JobRequest[],
): Promise<void> {
  const rows = requests.map((request) => ({ id: ctx.newId(), ...request }));
  await insertOutboxRows(ctx.sql, rows, jobOrigin(ctx));
  ctx.afterCommit(() => ctx.queue.nudge());
}
