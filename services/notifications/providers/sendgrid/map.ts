import * as z from "zod";
import {
  type OutsideAnswer,
  type OutsideFailure,
  type OutsideHead,
  parseRetryAfter,
} from "../../../../lib/http_client.ts";
import { dayMs, type EpochMs, secondMs } from "../../../../lib/time.ts";
import type { MailAttachment, OutgoingMail, RefusalScope, SendOutcome } from "../../ports.ts";

const reasonLengthMax = 500;

export type MailSend = ReturnType<typeof toMailSend>;

/** Our mail as the body of POST /v3/mail/send. SendGrid wants plain text before html and refuses an empty part. */
export function toMailSend(message: OutgoingMail) {
  const { from, to, replyTo, subject, text, html, headers, attachments, customArguments } = message;
  return {
    personalizations: [{ to: [to], custom_args: customArguments }],
    from,
    ...(replyTo ? { reply_to: replyTo } : {}),
    subject,
    content: [
      { type: "text/plain", value: text },
      { type: "text/html", value: html },
    ].filter((part) => part.value !== ""),
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    ...(attachments?.length ? { attachments: attachments.map(toAttachment) } : {}),
  };
}

function toAttachment({ content, contentType, fileName, contentId }: MailAttachment) {
  return {
    content: content.toBase64(),
    type: contentType,
    filename: fileName,
    ...(contentId
      ? { disposition: "inline", content_id: contentId }
      : { disposition: "attachment" }),
  };
}

/**
 * What a status means for us. Only 202 is acceptance (200 is SendGrid's sandbox, which delivers nothing). 504 says that
 * a gateway stopped waiting for somebody who may have done it; every other 5xx and 4xx says that it was not done.
 */
export function toOutcome(answer: OutsideAnswer, nowMs: EpochMs): SendOutcome {
  const { status } = answer;
  if (status === 202) return toAcceptance(answer);
  const reason = toReason(answer);
  if (status < 300 || status === 504) return { outcome: "unknown", reason };
  if (status === 400) return { outcome: "refused", scope: toScope(answer.text), reason };
  if (status === 413) return { outcome: "refused", scope: "message", reason };
  const retryAfterMs = toRetryAfterMs(answer.headers, nowMs);
  return {
    outcome: "refused",
    scope: "provider",
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    reason,
  };
}

/** What a failed exchange means: a cut or endless body behind a 202 changes nothing, its message id is in the headers. */
export function toOutcomeWithoutAnswer({ kind, sent, head }: OutsideFailure): SendOutcome {
  if (head?.status === 202) return toAcceptance(head);
  const reason = `no answer: ${kind}`;
  return sent === "no"
    ? { outcome: "refused", scope: "provider", reason }
    : { outcome: "unknown", reason };
}

function toAcceptance({ headers }: OutsideHead): SendOutcome {
  const providerMessageId = headers.get("x-message-id");
  return providerMessageId
    ? { outcome: "accepted", providerMessageId }
    : { outcome: "unknown", reason: "202 without X-Message-Id" };
}

const errorsSchema = z.object({
  errors: z.array(z.object({ message: z.string(), field: z.string().nullish() })).min(1),
});

function parseErrors(text: string) {
  try {
    return errorsSchema.parse(JSON.parse(text)).errors;
  } catch {
    return [];
  }
}

/** A 400 names the field at fault. It is the recipient's only where nothing else is wrong. */
function toScope(text: string): RefusalScope {
  const errors = parseErrors(text);
  const ofRecipient = /^personalizations\.\d+\.(to|cc|bcc)\b/;
  return errors.length > 0 && errors.every(({ field }) => ofRecipient.test(field ?? ""))
    ? "recipient"
    : "message";
}

function toReason({ status, text }: OutsideAnswer): string {
  const said = parseErrors(text).map(({ field, message }) =>
    field ? `${field}: ${message}` : message
  );
  return [status, ...said].join(" ").slice(0, reasonLengthMax);
}

/** `X-RateLimit-Reset` is the second at which the window ends, as Unix time. */
function toRetryAfterMs(headers: Headers, nowMs: EpochMs): number | undefined {
  const retryAfterMs = parseRetryAfter(headers.get("retry-after"), nowMs);
  if (retryAfterMs !== undefined) return retryAfterMs;
  if (headers.get("x-ratelimit-remaining") !== "0") return undefined;
  const resetSeconds = Number(headers.get("x-ratelimit-reset") ?? NaN);
  if (!Number.isFinite(resetSeconds)) return undefined;
  return Math.min(Math.max(resetSeconds * secondMs - nowMs, 0), dayMs);
}
