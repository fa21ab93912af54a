import { dayMs, type EpochMs, secondMs } from "./time.ts";
import { type TraceContext, traceHeaders } from "./trace_context.ts";
import { outcomeOf, startVendorCall } from "./vendor_metrics.ts";

/** What every adapter is given instead of the global `fetch`, so that a test may hand in its own. */
export type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

export interface OutsideRequest {
  /** Whom we ask, as measurements name it; the host where it is left out. */
  vendor?: string;
  url: string | URL;
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
  /** For connecting, sending, the headers and the whole body together. */
  deadlineMs: number;
  /** Counted after decompression, so that a small compressed answer cannot fill the memory. */
  bodyLimitBytes: number;
  signal?: AbortSignal;
  /** The trace that the call belongs to. */
  trace?: TraceContext;
}

export interface OutsideHead {
  status: number;
  headers: Headers;
}

export interface OutsideAnswer extends OutsideHead {
  text: string;
}

export type OutsideFailureKind = "timeout" | "unreachable" | "too_large" | "aborted";

/** Why there is no whole answer. The runtime's own error is the `cause`, for the log. */
export class OutsideFailure extends Error {
  override name = "OutsideFailure";

  constructor(
    readonly kind: OutsideFailureKind,
    /** "no" only where the request certainly never left: whoever repeats it then cannot do a thing twice. */
    readonly sent: "no" | "maybe",
    /** Status and headers, where they had arrived before it went wrong. */
    readonly head?: OutsideHead,
    cause?: unknown,
  ) {
    super(`${kind} (sent: ${sent})`, { cause });
  }
}

/**
 * One request to a server that is not ours, bounded in time and size. Every status is an answer, a redirect too: it is
 * not followed, since an address in somebody's answer is not trusted. Throws {@link OutsideFailure} and nothing else.
 */
export async function requestOutside(
  fetcher: Fetch,
  request: OutsideRequest,
): Promise<OutsideAnswer> {
  if (request.signal?.aborted) {
    throw new OutsideFailure("aborted", "no", undefined, request.signal.reason);
  }
  const { url, init } = prepare(request);
  const note = startVendorCall(request.vendor ?? url.hostname);
  const ending = new AbortController();
  let ended: OutsideFailureKind | undefined;
  const end = (kind: OutsideFailureKind) => {
    ended ??= kind;
    ending.abort();
  };
  const abort = () => end("aborted");
  const timer = setTimeout(() => end("timeout"), request.deadlineMs);
  request.signal?.addEventListener("abort", abort, { once: true });
  let head: OutsideHead | undefined;
  try {
    const response = await fetcher(url, { ...init, signal: ending.signal });
    head = { status: response.status, headers: response.headers };
    const text = await readText(response, request.bodyLimitBytes, end);
    note(outcomeOf(head.status));
    return { ...head, text };
  } catch (cause) {
    note(ended ?? "unreachable");
    const sent = ended === undefined && neverConnected(cause) ? "no" : "maybe";
    throw new OutsideFailure(ended ?? "unreachable", sent, head, cause);
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener("abort", abort);
  }
}

/**
 * `Retry-After` (RFC 9110, section 10.2.3) in milliseconds from `nowMs`: seconds, or one of the three date forms that a
 * recipient must accept. A moment in the past is 0; more than a day is taken as a day, so that a peer's slip cannot
 * park work for years; what is neither is undefined.
 */
export function parseRetryAfter(
  value: string | null | undefined,
  nowMs: EpochMs,
): number | undefined {
  const text = value?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Number(text) * secondMs, dayMs);
  const atMs = parseHttpDate(text);
  if (Number.isNaN(atMs)) return undefined;
  return Math.min(Math.max(atMs - nowMs, 0), dayMs);
}

function prepare({ url, method = "GET", headers = {}, body, trace }: OutsideRequest) {
  try {
    const all = new Headers({ ...traceHeaders(trace), ...headers });
    const init: RequestInit = { method, headers: all, redirect: "manual" };
    return { url: new URL(url), init: body === undefined ? init : { ...init, body } };
  } catch (cause) {
    throw new OutsideFailure("unreachable", "no", undefined, cause);
  }
}

async function readText(
  response: Response,
  limitBytes: number,
  end: (kind: OutsideFailureKind) => void,
): Promise<string> {
  if (!response.body) return "";
  const decoder = new TextDecoder();
  let sizeBytes = 0;
  let text = "";
  for await (const chunk of response.body) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > limitBytes) {
      end("too_large");
      throw new RangeError(`the body is larger than ${limitBytes} bytes`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

const neverConnectedCodes = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);

/**
 * Whether the failure lies before the first byte of the request. The runtime names that phase only in its message
 * ("client error (Connect)": address, TCP and TLS), so this is the one place that reads an error's text; whatever it
 * does not recognise counts as sent.
 */
function neverConnected(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === "NotCapable" || error.message.includes("client error (Connect)")) return true;
  if ("code" in error && neverConnectedCodes.has(String(error.code))) return true;
  return neverConnected(error.cause);
}

/** RFC 9110, section 5.6.7. `Date.parse` alone is too tolerant: it takes "5 apples" for a day in May. */
function parseHttpDate(text: string): EpochMs {
  if (/^[A-Z][a-z]+, \d\d[ -][A-Z][a-z]{2}[ -](\d\d){1,2} \d\d:\d\d:\d\d GMT$/.test(text)) {
    return Date.parse(text);
  }
  const asctime = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;
  return asctime.test(text) ? Date.parse(`${text} GMT`) : NaN;
}
