import type { EpochMs } from "../../lib/time.ts";
import type { TraceContext } from "../../lib/trace_context.ts";

export interface MailAddress {
  email: string;
  name?: string;
}

export interface MailAttachment {
  fileName: string;
  contentType: string;
  content: Uint8Array;
  /** Set for an image that the html shows as `cid:…`. */
  contentId?: string;
}

/** Comes back with every receipt. Vendors keep it for ever and show it to their staff: ids only, nothing personal. */
export interface CustomArguments {
  notificationId: string;
  [name: string]: string;
}

export interface OutgoingMail {
  from: { email: string; name: string };
  to: MailAddress;
  replyTo?: MailAddress;
  subject: string;
  html: string;
  text: string;
  /** Beyond those that the fields above become: List-Unsubscribe and the like. */
  headers: Record<string, string>;
  /** 10 MB in all. */
  attachments?: MailAttachment[];
  customArguments: CustomArguments;
}

export interface SendOptions {
  signal: AbortSignal;
  /** For vendors that take one: the same key sends nothing twice. */
  idempotencyKey: string;
  /** The trace of the request that the message goes back to. */
  trace?: TraceContext;
}

/**
 * What became of one attempt. "unknown" is a request that may have been acted upon although its answer never came (a
 * deadline, a cut connection): sending it elsewhere at once could reach the person twice, so the caller waits for the
 * receipt or a later moment first. A send never throws for anything that the vendor or the network does.
 */
export type SendOutcome =
  | { outcome: "accepted"; providerMessageId: string }
  | { outcome: "refused"; scope: RefusalScope; retryAfterMs?: number; reason: string }
  | { outcome: "unknown"; reason: string };

/**
 * Whose fault a refusal is. "recipient": this address will not do with any vendor. "provider": another vendor may do
 * it, or this one later. "message": what we wrote is wrong, and sending it again would be refused again.
 */
export type RefusalScope = "recipient" | "provider" | "message";

export interface MailProvider {
  name: string;
  send(message: OutgoingMail, options: SendOptions): Promise<SendOutcome>;
  /** Where the vendor reports later by webhook, and the setting that proves such a report genuine is there. */
  receipts?: ReceiptReader;
}

export interface ReceiptReader {
  /** Whether the vendor signed exactly these bytes. Nothing may be read before this says yes. */
  verify(headers: Headers, rawBody: Uint8Array<ArrayBuffer>, nowMs: EpochMs): Promise<boolean>;
  /** The receipts in a verified body; kinds that mean nothing to us are left out. Throws `malformed_json`. */
  read(rawBody: Uint8Array<ArrayBuffer>): Receipt[];
}

export type ReceiptKind =
  | "processed"
  | "deferred"
  | "delivered"
  | "bounced"
  | "dropped"
  | "opened"
  | "clicked"
  | "complained"
  | "unsubscribed";

export interface Receipt {
  provider: string;
  /** Unique for this provider: a repeated delivery carries the same one. */
  eventId: string;
  /** Missing where the vendor leaves it out, as SendGrid does for a bounce that comes late. */
  providerMessageId?: string;
  notificationId?: string;
  /** The address that this is about, for the suppression list. */
  recipient?: string;
  kind: ReceiptKind;
  atMs: EpochMs;
  /** In the vendor's own words. */
  reason?: string;
  /** For bounced and dropped: the address itself is bad, not only this attempt. */
  permanent?: boolean;
  /** For opened: a privacy proxy fetched the picture, which says nothing about a person. */
  machine?: boolean;
  raw: unknown;
}
