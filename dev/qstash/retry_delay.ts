import { dayMs, secondMs } from "../../lib/time.ts";
import type { DelayExpression } from "./delay_expression.ts";
import { parseAnswerDuration } from "./durations.ts";

/** In this order; the first one that can be read decides. */
const answerHeaders = [
  "retry-after",
  "x-ratelimit-reset",
  "x-ratelimit-reset-requests",
  "x-ratelimit-reset-tokens",
];

/** `Sun, 27 Jun 2024 12:16:24 GMT`, the form of RFC 1123. */
const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} (GMT|UTC)$/;

export interface RetryQuestion {
  /** How often the message was retried already; 0 before its first retry. */
  retried: number;
  expression?: DelayExpression;
  /** Headers of the answer that was no success. */
  headers: Headers;
  nowMs: number;
}

/** How long QStash waits before the next retry: the answer's own wish, else the message's formula, else the curve. */
export function retryDelayMs({ retried, expression, headers, nowMs }: RetryQuestion): number {
  const wishedMs = wishedDelayMs(headers, nowMs);
  if (wishedMs !== undefined) return wishedMs;
  if (expression === undefined) return backoffMs(retried + 1);
  const computedMs = expression(retried);
  return Number.isNaN(computedMs) ? 0 : Math.min(dayMs, Math.max(0, computedMs));
}

/** QStash's own curve, min(86400, e^(2.5 n)) seconds before the n-th retry: 12 s, 2 m 28 s, 30 m 8 s, 6 h 7 m, a day. */
export function backoffMs(retry: number): number {
  return Math.min(dayMs, Math.exp(2.5 * retry) * secondMs);
}

/** A wish beyond one day is not heard, as QStash's documentation of `Retry-After` has it. */
function wishedDelayMs(headers: Headers, nowMs: number): number | undefined {
  for (const name of answerHeaders) {
    const delayMs = parseWish(headers.get(name), nowMs);
    if (delayMs !== undefined && delayMs <= dayMs) return delayMs;
  }
  return undefined;
}

function parseWish(text: string | null, nowMs: number): number | undefined {
  if (text === null) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * secondMs;
  const durationMs = parseAnswerDuration(text);
  if (durationMs !== undefined) return durationMs;
  const moment = httpDate.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(moment) ? undefined : Math.max(0, moment - nowMs);
}
