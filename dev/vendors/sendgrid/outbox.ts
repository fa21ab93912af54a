import type { Address, MailBody } from "./body.ts";

const mailsMax = 20_000;

export interface OutboxMail {
  /** `X-Message-Id`, with `.1` and so on for the second and later envelopes of one request. */
  id: string;
  messageId: string;
  receivedMs: number;
  from: Address;
  to: Address[];
  cc: Address[];
  bcc: Address[];
  replyTo?: Address;
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
  customArguments: Record<string, string>;
  attachments: OutboxAttachment[];
  receipts: OutboxReceipt[];
}

export interface OutboxAttachment {
  fileName: string;
  contentType: string;
  contentId?: string;
  contentBase64: string;
}

/** A receipt that was sent from the outbox by hand, and what the webhook made of it. */
export interface OutboxReceipt {
  kind: string;
  atMs: number;
  answer: string;
}

export interface Outbox {
  /** Keeps one mail for each envelope; returns the `X-Message-Id` they share. */
  add(body: MailBody): string;
  /** In the order of their arrival. */
  all(): OutboxMail[];
  find(id: string): OutboxMail | undefined;
}

export function createOutbox(): Outbox {
  const mails = new Map<string, OutboxMail>();
  return {
    add(body) {
      const messageId = crypto.getRandomValues(new Uint8Array(16)).toBase64({
        alphabet: "base64url",
        omitPadding: true,
      });
      body.personalizations.forEach((_, at) => {
        const mail = toMail(body, at, messageId);
        mails.set(mail.id, mail);
      });
      // A map walks in the order of insertion, so that the first keys are the oldest mails.
      for (const id of mails.keys()) {
        if (mails.size <= mailsMax) break;
        mails.delete(id);
      }
      return messageId;
    },
    all: () => [...mails.values()],
    find: (id) => mails.get(id),
  };
}

function toMail(body: MailBody, at: number, messageId: string): OutboxMail {
  const envelope = body.personalizations[at] ?? {};
  const part = (type: string) =>
    body.content?.find((content) => content.type === type)?.value ?? "";
  return {
    id: at === 0 ? messageId : `${messageId}.${at}`,
    messageId,
    receivedMs: Date.now(),
    from: envelope.from ?? body.from,
    to: envelope.to ?? [],
    cc: envelope.cc ?? [],
    bcc: envelope.bcc ?? [],
    replyTo: body.reply_to,
    subject: envelope.subject ?? body.subject ?? "",
    text: part("text/plain"),
    html: part("text/html"),
    headers: { ...body.headers, ...envelope.headers },
    customArguments: { ...body.custom_args, ...envelope.custom_args },
    attachments: (body.attachments ?? []).map((attachment) => ({
      fileName: attachment.filename,
      contentType: attachment.type ?? "application/octet-stream",
      contentId: attachment.content_id,
      contentBase64: attachment.content,
    })),
    receipts: [],
  };
}
