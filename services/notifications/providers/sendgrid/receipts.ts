import * as z from "zod";
import { fail } from "../../../../lib/errors.ts";
import { secondMs } from "../../../../lib/time.ts";
import type { Receipt, ReceiptKind, ReceiptReader } from "../../ports.ts";

const signatureHeader = "x-twilio-email-event-webhook-signature";
const timestampHeader = "x-twilio-email-event-webhook-timestamp";
const curve = { name: "ECDSA", namedCurve: "P-256" };
const scalarBytes = 32;

interface ReceiptSettings {
  /** Base64 SPKI of a P-256 key, as SendGrid shows it. */
  publicKey: string;
  ageMaxMs?: number;
}

/** Reads SendGrid's signed event webhook. A key that is none makes `verify` reject: a wrong setting is not a forgery. */
export function createReceiptReader({ publicKey, ageMaxMs }: ReceiptSettings): ReceiptReader {
  let imported: Promise<CryptoKey> | undefined;
  return {
    async verify(headers, rawBody, nowMs) {
      const timestamp = headers.get(timestampHeader) ?? "";
      const signature = toRawSignature(headers.get(signatureHeader) ?? "");
      // Always ten digits: time and body are signed without anything between, so a digit must not change sides.
      if (!signature || !/^\d{10}$/.test(timestamp)) return false;
      const ageMs = Math.abs(nowMs - Number(timestamp) * secondMs);
      if (ageMaxMs !== undefined && ageMs > ageMaxMs) return false;
      imported ??= importKey(publicKey);
      const algorithm = { name: "ECDSA", hash: "SHA-256" };
      return await crypto.subtle.verify(
        algorithm,
        await imported,
        signature,
        signedBytes(timestamp, rawBody),
      );
    },
    read: (rawBody) => parseEvents(rawBody).flatMap(toReceipt),
  };
}

function importKey(base64: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("spki", Uint8Array.fromBase64(base64), curve, false, ["verify"]);
}

/** The raw bytes count, with the line break at their end: a body that was parsed and printed again would not verify. */
function signedBytes(timestamp: string, rawBody: Uint8Array): Uint8Array<ArrayBuffer> {
  const prefix = new TextEncoder().encode(timestamp);
  const bytes = new Uint8Array(prefix.length + rawBody.length);
  bytes.set(prefix);
  bytes.set(rawBody, prefix.length);
  return bytes;
}

/** SendGrid sends ASN.1 DER, SEQUENCE { r INTEGER, s INTEGER }; WebCrypto wants r and s side by side, 32 bytes each. */
function toRawSignature(base64: string): Uint8Array<ArrayBuffer> | undefined {
  const der = fromBase64(base64);
  if (!der || der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  const first = readInteger(der, 2);
  const second = first && readInteger(der, first.end);
  if (!second || second.end !== der.length) return undefined;
  const raw = new Uint8Array(2 * scalarBytes);
  raw.set(first.digits, scalarBytes - first.digits.length);
  raw.set(second.digits, 2 * scalarBytes - second.digits.length);
  return raw;
}

/** An INTEGER of at most 33 bytes: the leading zero only keeps a high first bit from meaning a negative number. */
function readInteger(der: Uint8Array, at: number) {
  const length = der[at + 1];
  if (der[at] !== 0x02 || !length) return undefined;
  const end = at + 2 + length;
  const digits = der.subarray(der[at + 2] === 0 ? at + 3 : at + 2, end);
  return end > der.length || digits.length > scalarBytes ? undefined : { digits, end };
}

function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return undefined;
  }
}

const kinds: Record<string, ReceiptKind> = {
  processed: "processed",
  deferred: "deferred",
  delivered: "delivered",
  bounce: "bounced",
  dropped: "dropped",
  open: "opened",
  click: "clicked",
  spamreport: "complained",
  unsubscribe: "unsubscribed",
  group_unsubscribe: "unsubscribed",
};

/** SendGrid drops a mail unsent where its own list holds the address already; its other reasons are about the mail. */
const permanentDrops = new Set([
  "bounced address",
  "invalid",
  "spam reporting address",
  "unsubscribed address",
]);

const eventSchema = z.looseObject({
  event: z.string(),
  timestamp: z.number().positive(),
  sg_event_id: z.string().min(1),
  sg_message_id: z.string().min(1).optional().catch(undefined),
  notificationId: z.string().min(1).optional().catch(undefined),
  email: z.string().min(1).optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
  response: z.string().optional().catch(undefined),
  status: z.string().optional().catch(undefined),
  type: z.string().optional().catch(undefined),
  sg_machine_open: z.boolean().optional().catch(undefined),
});

type Event = z.output<typeof eventSchema>;

function parseEvents(rawBody: Uint8Array<ArrayBuffer>): unknown[] {
  try {
    const events: unknown = JSON.parse(new TextDecoder().decode(rawBody));
    return Array.isArray(events) ? events : [events];
  } catch (cause) {
    return fail("malformed_json", { cause });
  }
}

/** One bad event must not lose its neighbours, which SendGrid would not send again. */
function toReceipt(raw: unknown): Receipt[] {
  const { data: event } = eventSchema.safeParse(raw);
  const kind = event && Object.hasOwn(kinds, event.event) ? kinds[event.event] : undefined;
  if (!event || !kind) return [];
  return [{
    provider: "sendgrid",
    eventId: event.sg_event_id,
    // What follows the first dot names SendGrid's own machines and the recipient's place in the list.
    providerMessageId: event.sg_message_id?.split(".")[0],
    notificationId: event.notificationId,
    recipient: event.email,
    kind,
    atMs: event.timestamp * secondMs,
    reason: event.reason ?? event.response,
    ...details(kind, event),
    raw,
  }];
}

function details(kind: ReceiptKind, event: Event): Pick<Receipt, "permanent" | "machine"> {
  if (kind === "bounced") return { permanent: isHardBounce(event) };
  if (kind === "dropped") {
    return { permanent: permanentDrops.has(event.reason?.toLowerCase() ?? "") };
  }
  return kind === "opened" ? { machine: event.sg_machine_open === true } : {};
}

/** "blocked" is a refusal of this attempt even with a status of 5.x.x: a full mailbox is 5.2.2. */
function isHardBounce({ type, status }: Event): boolean {
  if (type === "bounce" || type === "blocked") return type === "bounce";
  return status?.startsWith("5") ?? false;
}
