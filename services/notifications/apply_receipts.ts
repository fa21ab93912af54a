import { authoriseSystem } from "../authorise.ts";
import { type InTransaction, inTransaction, type Needs } from "../ctx.ts";
import { enqueueJob } from "../jobs/mod.ts";
import { canMove } from "./model/mod.ts";
import { noteMessage } from "./note_message.ts";
import type { ReceiptKind } from "./ports.ts";
import type { Status } from "./schema.ts";
import {
  insertEvent,
  lockReported,
  lockWaitingReceipts,
  markReceiptApplied,
  moveNotification,
  type WaitingReceipt,
} from "./store.ts";
import { insertSuppression } from "./store/suppressions.ts";

type ApplyNeeds = Needs<"actor" | "database" | "log" | "newId" | "now" | "queue">;

const receiptsMax = 500;

const statusOf: Record<ReceiptKind, Status> = {
  processed: "sent",
  deferred: "sent",
  delivered: "delivered",
  bounced: "bounced",
  dropped: "failed",
  opened: "opened",
  clicked: "clicked",
  complained: "complained",
  unsubscribed: "unsubscribed",
};

/** Moves messages by what vendors reported: forward only, each report once, in the order of the vendor's clock. */
export async function applyReceipts(ctx: ApplyNeeds): Promise<void> {
  authoriseSystem(ctx);
  await inTransaction(ctx, async (tx) => {
    const receipts = await lockWaitingReceipts(tx.sql, receiptsMax);
    for (const receipt of receipts) {
      await suppress(tx, receipt);
      await move(tx, receipt);
      await markReceiptApplied(tx.sql, receipt.provider, receipt.event_id, ctx.now());
    }
    // There may be more, which nobody else has to be waiting for.
    const full = receipts.length === receiptsMax;
    if (full) await enqueueJob(tx, { job: "apply_receipts", key: ctx.newId() });
  });
}

/** What is about no message of ours, or of one that is erased, moves nothing. */
async function move(ctx: ApplyNeeds & InTransaction, receipt: WaitingReceipt): Promise<void> {
  const { provider, notification_id, provider_message_id } = receipt;
  const notification = await lockReported(ctx.sql, notification_id, provider, provider_message_id);
  if (!notification) return;
  // A proxy fetches pictures as soon as a mail is there: it tells of the mailbox, not of a person.
  const status = receipt.machine ? "delivered" : statusOf[receipt.kind];
  const moved = canMove(notification.status, status);
  if (moved) {
    const { id, user_id: userId } = notification;
    await moveNotification(ctx.sql, id, status);
    noteMessage(ctx, { id, userId }, { inInbox: false });
  }
  await insertEvent(ctx.sql, {
    id: ctx.newId(),
    notificationId: notification.id,
    userId: notification.user_id,
    atMs: receipt.reported_at.getTime(),
    status,
    reason: reasonOf(receipt),
    provider,
    providerMessageId: provider_message_id ?? undefined,
    moved,
  });
}

function reasonOf({ kind, machine, provider, reason }: WaitingReceipt): string {
  const said = `${provider} reports: ${machine ? "opened by a privacy proxy" : kind}`;
  return reason ? `${said}, ${reason}` : said;
}

/** A hard bounce, a complaint, or an address that the vendor will never write to, goes on the suppression list. */
async function suppress(ctx: ApplyNeeds & InTransaction, receipt: WaitingReceipt): Promise<void> {
  const reason = suppressionReason(receipt);
  if (receipt.recipient === null || reason === undefined) return;
  const atMs = receipt.reported_at.getTime();
  await insertSuppression(ctx.sql, "email", receipt.recipient, reason, atMs);
}

function suppressionReason({ kind, permanent, reason }: WaitingReceipt): string | undefined {
  if (kind === "complained") return "a spam report";
  if (kind === "bounced" && permanent) return "a hard bounce";
  if (kind === "dropped" && permanent) return `a refusal (${reason ?? "no reason given"})`;
  return undefined;
}
