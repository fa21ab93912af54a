import type { Handover } from "./deliver.ts";
import type { DispatchNeeds } from "./dispatch_notifications.ts";
import type { Recipient } from "./load_recipient.ts";
import type { OutgoingMail } from "./ports.ts";
import { renderMail } from "./render.ts";
import { sendMail } from "./send_mail.ts";
import type { ClaimedNotification } from "./store/claims.ts";

/** Writes the mail of a claimed message and answers how to send it. */
export async function prepareMail(
  ctx: DispatchNeeds,
  claimed: ClaimedNotification,
  recipient: Recipient,
): Promise<Handover> {
  const mail = await compose(ctx, claimed, recipient);
  return () => sendMail(ctx, claimed, mail);
}

async function compose(
  ctx: DispatchNeeds,
  { id, type, data }: ClaimedNotification,
  { account, mailAddress }: Recipient,
): Promise<OutgoingMail> {
  const { publicUrl, mailFrom } = ctx.settings;
  const parts = await renderMail(type, data, account, publicUrl);
  return {
    from: { email: mailFrom, name: "Almanac" },
    to: { email: mailAddress },
    ...parts,
    headers: {},
    customArguments: { notificationId: id },
  };
}
