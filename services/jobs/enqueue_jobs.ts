import type { InTransaction, Needs } from "../ctx.ts";
import type { JobRequest } from "./schema.ts";
import { insertOutboxRows } from "./store.ts";

/** `enqueueJob` for many at once: one statement, however many there are. */
export async function enqueueJobs(
  ctx: Needs<"newId" | "queue"> & InTransaction,
  requests: JobRequest[],
): Promise<void> {
  await insertOutboxRows(ctx.sql, requests.map((request) => ({ id: ctx.newId(), ...request })));
  ctx.afterCommit(() => ctx.queue.nudge());
}
