import type { OutboxMail } from "./outbox.ts";

/** What can be made to happen to a mail, and what SendGrid would report then beyond the fields of every event. */
const fieldsOf = {
  processed: { event: "processed", send_at: 0 },
  deferred: { event: "deferred", response: "451 4.7.1 Try again later", attempt: "1" },
  delivered: { event: "delivered", response: "250 2.0.0 OK", ip: "192.0.2.10", tls: 1 },
  bounced: {
    event: "bounce",
    type: "bounce",
    status: "5.1.1",
    reason: "550 5.1.1 The email account that you tried to reach does not exist",
    bounce_classification: "Invalid Address",
    ip: "192.0.2.10",
    tls: 1,
  },
  blocked: {
    event: "bounce",
    type: "blocked",
    status: "5.2.2",
    reason: "552 5.2.2 The email account that you tried to reach is over quota",
    bounce_classification: "Mailbox Unavailable",
    ip: "192.0.2.10",
    tls: 1,
  },
  dropped: { event: "dropped", reason: "Bounced Address", status: "5.0.0" },
  opened: {
    event: "open",
    useragent: "Mozilla/5.0 (X11; Linux x86_64)",
    ip: "198.51.100.20",
    sg_content_type: "html",
    sg_machine_open: false,
  },
  opened_by_proxy: { event: "open", ip: "198.51.100.21", sg_machine_open: true },
  clicked: {
    event: "click",
    useragent: "Mozilla/5.0 (X11; Linux x86_64)",
    ip: "198.51.100.20",
    url_offset: { index: 0, type: "html" },
  },
  complained: { event: "spamreport" },
  unsubscribed: { event: "unsubscribe" },
} as const;

export type EventKind = keyof typeof fieldsOf;

export function isEventKind(value: unknown): value is EventKind {
  return typeof value === "string" && Object.hasOwn(fieldsOf, value);
}

/** One event about a mail as the event webhook has it: custom arguments lie flat among its fields. */
export function eventOf(mail: OutboxMail, kind: EventKind): Record<string, unknown> {
  const sgEventId = crypto.getRandomValues(new Uint8Array(24)).toBase64({ alphabet: "base64url" });
  return {
    ...mail.customArguments,
    email: mail.to[0]?.email ?? "",
    timestamp: Math.floor(Date.now() / 1_000),
    "smtp-id": `<${mail.messageId}@geopod-ismtpd-1>`,
    sg_event_id: sgEventId,
    sg_message_id: `${mail.messageId}.recvd-5f54b5d587-pczjm-1-67BADEEA-6.0`,
    ...fieldsOf[kind],
    ...(kind === "clicked" ? { url: firstLinkOf(mail) } : {}),
  };
}

function firstLinkOf({ html, text }: OutboxMail): string {
  const link = /href="(https?:[^"]+)"/.exec(html)?.[1] ?? /https?:\S+/.exec(text)?.[0];
  return (link ?? "https://example.com/").replaceAll("&amp;", "&");
}
