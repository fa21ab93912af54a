/** Where a call stands in a trace that somebody else has begun (W3C Trace Context, level 1). */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** The header as it came. */
  traceparent: string;
  /** What vendors of tracing hang on it, passed on unread. */
  tracestate?: string;
}

// Longer than a later version may get in practice; whoever sends more wants something else.
const lengthMax = 200;
const lengthOfVersion0 = 55;
const tracestateMax = 512;

/**
 * Reads `traceparent`; undefined where it is missing or invalid, which starts a new trace. A version after 00 may be
 * longer, and is read as far as 00 goes.
 */
export function parseTraceparent(
  traceparent: string | null,
  tracestate?: string | null,
): TraceContext | undefined {
  if (traceparent === null || traceparent.length > lengthMax || !isValid(traceparent)) {
    return undefined;
  }
  const traceId = traceparent.slice(3, 35);
  if (!tracestate || tracestate.length > tracestateMax || !/^[\x20-\x7e]+$/.test(tracestate)) {
    return { traceId, traceparent };
  }
  return { traceId, traceparent, tracestate };
}

/** By hand and not by a pattern, since this runs for every request of a traced caller. */
function isValid(text: string): boolean {
  const hasForm = text.length >= lengthOfVersion0 && text[2] === "-" && text[35] === "-" &&
    text[52] === "-" && hexBits(text, 0, 2) >= 0 && hexBits(text, 53, 55) >= 0;
  // Ids that are all zeros name nothing.
  if (!hasForm || hexBits(text, 3, 35) <= 0 || hexBits(text, 36, 52) <= 0) return false;
  if (text.startsWith("00")) return text.length === lengthOfVersion0;
  return !text.startsWith("ff") && (text.length === lengthOfVersion0 || text[55] === "-");
}

/** 0 for nothing but zeros, more for other hexadecimal digits in lower case, -1 for anything else. */
function hexBits(text: string, from: number, to: number): number {
  let bits = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (!((code >= 48 && code <= 57) || (code >= 97 && code <= 102))) return -1;
    bits |= code ^ 48;
  }
  return bits;
}

/** The headers with which a call of ours goes on with the trace. */
export function traceHeaders(trace: TraceContext | undefined): Record<string, string> {
  if (trace === undefined) return {};
  const { traceparent, tracestate } = trace;
  return { traceparent, ...(tracestate === undefined ? {} : { tracestate }) };
}
