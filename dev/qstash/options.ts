import { secondMs } from "../../lib/time.ts";
import { type DelayExpression, parseDelayExpression } from "./delay_expression.ts";
import { parseDuration } from "./durations.ts";
import { type FlowLimits, readFlowLimits } from "./flow_limits.ts";
import type { Plan } from "./plans.ts";
import { readRedaction, type Redaction } from "./redact.ts";
import { Refusal } from "./refusal.ts";

const defaultRetries = 3;
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** What the `Upstash-*` headers of one publish ask for. */
export interface Options {
  method: string;
  /** The first attempt is not made before this moment. */
  notBeforeMs: number;
  maxRetries: number;
  retryDelay?: { text: string; delayMs: DelayExpression };
  timeoutMs: number;
  callback?: CallbackOptions;
  failureCallback?: CallbackOptions;
  labels: string[];
  flow?: FlowLimits;
  deduplicationId?: string;
  contentBasedDeduplication: boolean;
  redaction: Redaction;
}

/** Where a callback goes, and the headers under which it is published. */
export interface CallbackOptions {
  url: string;
  headers: Headers;
}

/** Reads and checks a publish's options; throws a 400 that names the header at fault. */
export function readOptions(headers: Headers, nowMs: number, plan: Plan): Options {
  return {
    method: readMethod(headers),
    notBeforeMs: readNotBefore(headers, nowMs, plan),
    maxRetries: readRetries(headers),
    retryDelay: readRetryDelay(headers),
    timeoutMs: readDuration(headers, "Upstash-Timeout", plan.timeoutMsMax) ?? plan.timeoutMsMax,
    callback: readCallback(headers, "Upstash-Callback", plan),
    failureCallback: readCallback(headers, "Upstash-Failure-Callback", plan),
    labels: readLabels(headers),
    flow: readFlowLimits(headers),
    deduplicationId: readDeduplicationId(headers),
    contentBasedDeduplication: headers.get("upstash-content-based-deduplication") === "true",
    redaction: readRedaction(headers.get("upstash-redact-fields")),
  };
}

export function isHttpUrl(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

function readMethod(headers: Headers): string {
  const method = headers.get("upstash-method")?.toUpperCase() ?? "POST";
  if (!methods.includes(method)) throw new Refusal(400, `invalid Upstash-Method: ${method}`);
  return method;
}

/** A moment wins over a delay where both are given. */
function readNotBefore(headers: Headers, nowMs: number, { delayMsMax }: Plan): number {
  const text = headers.get("upstash-not-before");
  if (text === null) return nowMs + (readDuration(headers, "Upstash-Delay", delayMsMax) ?? 0);
  if (!/^\d+$/.test(text)) throw new Refusal(400, `invalid Upstash-Not-Before: ${text}`);
  const notBeforeMs = Number(text) * secondMs;
  if (notBeforeMs - nowMs > delayMsMax) {
    throw new Refusal(400, `Upstash-Not-Before is further away than the plan allows: ${text}`);
  }
  return notBeforeMs;
}

function readRetries(headers: Headers): number {
  const text = headers.get("upstash-retries");
  if (text === null) return defaultRetries;
  if (!/^\d+$/.test(text)) throw new Refusal(400, `invalid Upstash-Retries: ${text}`);
  return Number(text);
}

function readRetryDelay(headers: Headers): Options["retryDelay"] {
  const text = headers.get("upstash-retry-delay");
  if (text === null) return undefined;
  try {
    return { text, delayMs: parseDelayExpression(text) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Refusal(400, `invalid Upstash-Retry-Delay: ${error.message}`);
  }
}

function readDuration(headers: Headers, name: string, maxMs: number): number | undefined {
  const text = headers.get(name);
  if (text === null) return undefined;
  const durationMs = parseDuration(text);
  if (durationMs === undefined) throw new Refusal(400, `invalid ${name}: ${text}`);
  if (durationMs > maxMs) {
    throw new Refusal(400, `${name} is longer than the plan allows: ${text}`);
  }
  return durationMs;
}

export function readLabels(headers: Headers): string[] {
  const labels = headers.get("upstash-label")?.split(",") ?? [];
  return labels.map((label) => label.trim()).filter((label) => label !== "");
}

/** QStash refuses ids with a colon or white space, which its documentation does not say. */
function readDeduplicationId(headers: Headers): string | undefined {
  const id = headers.get("upstash-deduplication-id") ?? undefined;
  if (id === undefined || /^[^\s:]+$/.test(id)) return id;
  throw new Refusal(400, "DeduplicationId cannot contain ':' or whitespace");
}

/** `Upstash-Callback-X` configures the callback as `Upstash-X` would a publish; retries are inherited. */
function readCallback(headers: Headers, name: string, plan: Plan): CallbackOptions | undefined {
  const url = headers.get(name);
  if (url === null) return undefined;
  if (!isHttpUrl(url)) throw new Refusal(400, `invalid ${name}: ${url}`);
  const own = new Headers({ "content-type": "application/json" });
  for (const inherited of ["upstash-retries", "upstash-retry-delay"]) {
    const value = headers.get(inherited);
    if (value !== null) own.set(inherited, value);
  }
  const prefix = `${name.toLowerCase()}-`;
  for (const [key, value] of headers) {
    if (key.startsWith(prefix)) own.set(`upstash-${key.slice(prefix.length)}`, value);
  }
  for (const refused of ["Delay", "Not-Before"]) {
    if (!own.has(`upstash-${refused}`)) continue;
    throw new Refusal(400, `a callback cannot be delayed: ${name}-${refused}`);
  }
  // Read only to refuse here what could not be published later.
  readOptions(own, 0, plan);
  return { url, headers: own };
}
