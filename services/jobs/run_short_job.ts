import { fail, isFailure } from "../../lib/errors.ts";
import { type InTransaction, inTransaction, type Needs } from "../ctx.ts";
import type { Delivery } from "./schema.ts";
import { recordFailedRun } from "./record_failed_run.ts";
import { endOutbox } from "./store/outbox.ts";
import { beginRun, finishRun, tryLockRun } from "./store/runs.ts";

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
      const locked = await tryLockRun(tx.sql, delivery);
      if (!locked) return fail("busy", { retryAfterSeconds: busySeconds });
      const begun = await beginRun(tx.sql, delivery, ctx.requestId, ctx.now());
      if (!begun) {
        await endOutbox(tx.sql, delivery, ctx.now());
        return "duplicate";
      }
      await work(tx);
      // It gives way only under the lock that is held here.
      await finishRun(tx.sql, delivery, ctx.now(), { fence: null });
      return "done";
    });
  } catch (error) {
    if (!isFailure(error, "busy")) await recordFailedRun(ctx, delivery, error);
    throw error;
  }
}
