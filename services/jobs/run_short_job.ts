import { fail, isFailure } from "../../lib/errors.ts";
import { type InTransaction, inTransaction, type Needs } from "../ctx.ts";
import type { Delivery } from "./schema.ts";
import { recordFailedRun } from "./record_failed_run.ts";
import { endOutbox } from "./store/outbox.ts";
import { insertDoneRun, isRunOver, tryLockRun } from "./store/runs.ts";

type RunNeeds = Needs<"actor" | "database" | "log" | "now" | "requestId">;
const busySeconds = 2;

/**
 * Does `work` in one transaction together with the mark that it was done, so that however often a message is
 * delivered, its effect happens once. `busy` while another delivery is at it.
 *
 * @returns whether the work was done now, or had been done before
 */
export async function runShortJob<C extends RunNeeds>(
  ctx: C,
  delivery: Delivery,
  work: (ctx: C & InTransaction) => Promise<void>,
): Promise<"done" | "duplicate"> {
  try {
    return await inTransaction(ctx, async (tx) => {
      const startedMs = ctx.now();
      // Sent together and run one after the other: what was committed before the lock was got is seen by the second.
      const [locked, over] = await Promise.all([
        tryLockRun(tx.sql, delivery),
        isRunOver(tx.sql, delivery),
      ]);
      if (!locked) return fail("busy", { retryAfterSeconds: busySeconds });
      if (over) {
        await endOutbox(tx.sql, delivery, ctx.now());
        return "duplicate";
      }
      await work(tx);
      const done = await insertDoneRun(tx.sql, delivery, ctx.requestId, startedMs, ctx.now());
      if (!done) return fail("busy", { retryAfterSeconds: busySeconds });
      return "done";
    });
  } catch (error) {
    if (!isFailure(error, "busy")) await recordFailedRun(ctx, delivery, error);
    throw error;
  }
}
