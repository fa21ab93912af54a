import { inTransaction, type Needs } from "../ctx.ts";
import { enqueueDispatch } from "./enqueue_dispatch.ts";
import { noteMessage } from "./note_message.ts";
import {
  type ClaimedNotification,
  insertEvent,
  type Settlement,
  settleNotification,
} from "./store.ts";

type SettleNeeds = Needs<"actor" | "database" | "live" | "log" | "newId" | "now" | "queue">;

/** Ends a try: the new status with its reason, and a wake-up call where there is another try to come. */
export async function settle(
  ctx: SettleNeeds,
  claimed: ClaimedNotification,
  settlement: Settlement,
): Promise<void> {
  const { status, reason, provider, providerMessageId, nextAttemptAtMs, item } = settlement;
  await inTransaction(ctx, async (tx) => {
    const moved = await settleNotification(tx.sql, claimed, settlement, ctx.now());
    await insertEvent(tx.sql, {
      id: ctx.newId(),
      notificationId: claimed.id,
      userId: claimed.user_id,
      atMs: ctx.now(),
      status,
      reason,
      provider,
      providerMessageId,
      moved,
    });
    if (moved) {
      const { id, user_id: userId } = claimed;
      noteMessage(tx, { id, userId }, { inInbox: item !== undefined });
    }
    if (moved && nextAttemptAtMs !== undefined) {
      // Each claim has a higher fence than the one before, and the first wake-up was version 1.
      await enqueueDispatch(tx, claimed.id, Number(claimed.fence) + 1, nextAttemptAtMs);
    }
    if (moved && item) {
      const { id, type, user_id } = claimed;
      tx.afterCommit(() => ctx.live.publish(`inbox:${user_id}`, { id, type, ...item }));
    }
  });
}
