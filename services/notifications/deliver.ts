import type { DispatchNeeds } from "./dispatch_notifications.ts";
import type { Recipient } from "./load_recipient.ts";
import { decide, triesMax } from "./model/mod.ts";
import { renderItem } from "./render.ts";
import { priorities } from "./schema.ts";
import { prepareMail } from "./prepare_mail.ts";
import type { ClaimedNotification, Settlement } from "./store/claims.ts";
import { hasTemplate } from "./templates/mod.ts";

/** As a person is at this moment; `not_found` for who has left. */
export type LoadRecipient = (userId: string) => Promise<Recipient>;

/** Hands a message to a vendor, and answers what came of it. */
export type Handover = () => Promise<Settlement>;

/** A process that dies of a message before it is sent does so no more often than this. */
const claimsMax = 30;

/**
 * Answers what is to become of a claimed message, or how it is to be sent. It is decided upon once more: between the
 * request and now the person may have switched it off, moved to another zone, or got a dead address.
 */
export async function deliver(
  ctx: DispatchNeeds,
  loadRecipient: LoadRecipient,
  claimed: ClaimedNotification,
): Promise<Settlement | Handover> {
  const { channel, type, data, attempts, fence } = claimed;
  if (attempts > triesMax || Number(fence) > claimsMax) {
    return { status: "dead", reason: "every try ended without a word" };
  }
  const recipient = await loadRecipient(claimed.user_id);
  const { status, reason, atMs } = decideAgain(ctx, claimed, recipient);
  if (status === "held") return { status, reason, nextAttemptAtMs: atMs, untried: true };
  if (status !== "queued") return { status, reason };
  switch (channel) {
    case "email":
      return await prepareMail(ctx, claimed, recipient);
    case "in_app": {
      const item = await renderItem(type, data, recipient.account);
      return { status: "delivered", reason: "placed in the inbox", item };
    }
    default:
      return { status: "dead", reason: `no provider for ${channel}` };
  }
}

function decideAgain(
  ctx: DispatchNeeds,
  { channel, type, priority, expires_at }: ClaimedNotification,
  { preferences, mailSuppressedBecause, zoned }: Recipient,
) {
  return decide({
    type,
    channel,
    priority: priorities[priority] ?? "normal",
    expiresAtMs: expires_at?.getTime(),
    nowMs: ctx.now(),
    preferences,
    suppressedBecause: channel === "email" ? mailSuppressedBecause : undefined,
    hasTemplate: hasTemplate(type, channel),
    zoned,
  });
}
