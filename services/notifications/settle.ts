import { inTransaction, type Needs } from "../ctx.ts";
import { enqueueJobs } from "../jobs/mod.ts";
import { wakeFor } from "./enqueue_dispatch.ts";
import { noteMessage } from "./note_message.ts";
import { type Ended, settleNotifications } from "./store/claims.ts";

type SettleNeeds = Needs<"actor" | "database" | "live" | "log" | "newId" | "now" | "queue">;

/**
 * Ends tries, however many in one transaction: each gets its new status with the reason under the fence of its own claim,
 * and a wake-up call where there is another try to come. Doing it again changes nothing.
 */
export async function settle(ctx: SettleNeeds, ended: Ended[]): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const movedIds = await settleNotifications(tx.sql, ended, ctx.now());
    const moved = ended.filter(({ eventId }) => movedIds.has(eventId));
    for (const { claimed: { id, type, user_id: userId }, settlement: { item } } of moved) {
      noteMessage(tx, { id, userId }, { inInbox: item !== undefined });
      if (item) tx.afterCommit(() => ctx.live.publish(`inbox:${userId}`, { id, type, ...item }));
    }
    const wakes = moved.flatMap(({ claimed: { id, fence }, settlement: { nextAttemptAtMs } }) =>
      // Each claim has a higher fence than the one before, and the first wake-up was version 1.
      nextAttemptAtMs === undefined ? [] : wakeFor(ctx, id, Number(fence) + 1, nextAttemptAtMs)
    );
    if (wakes.length > 0) await enqueueJobs(tx, wakes);
  });
}
