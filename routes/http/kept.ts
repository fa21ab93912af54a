import { isCompressed } from "./compress.ts";
import type { Exchange } from "./env.ts";

/** A document as it is kept: already serialised, with its entity tag. */
export interface Kept {
  body: string;
  /** Quoted, as it stands in the header. */
  etag: string;
}

/**
 * Answers a read: 304 where the caller has it already, else one response of pre-serialised bytes with five headers; at
 * once where the document is. Head and body of a quote stay below 512 bytes, above which Deno writes twice and the
 * read costs double.
 */
export function answerWith(
  exchange: Exchange,
  headers: Headers,
  kept: Kept | Promise<Kept>,
  cacheControl: string,
): Response | Promise<Response> {
  return kept instanceof Promise
    ? kept.then((ready) => answerNow(exchange, headers, ready, cacheControl))
    : answerNow(exchange, headers, kept, cacheControl);
}

function answerNow(
  exchange: Exchange,
  given: Headers,
  kept: Kept,
  cacheControl: string,
): Response {
  const { requestId } = exchange.ctx;
  exchange.sealed = true;
  const etag = exchange.address.isHot ? kept.etag : tagOf(kept, given);
  const known = given.get("if-none-match");
  if (known !== null && matches(known, kept.etag)) {
    return new Response(null, {
      status: 304,
      headers: { etag, "cache-control": cacheControl, "x-request-id": requestId },
    });
  }
  return new Response(kept.body, {
    headers: {
      "content-type": "application/json",
      etag,
      "cache-control": cacheControl,
      "x-request-id": requestId,
      "x-content-type-options": "nosniff",
    },
  });
}

/** The same tag for the whole document and for 304: a weak one where the document would be compressed. */
function tagOf({ body, etag }: Kept, headers: Headers): string {
  return isCompressed(body, headers.get("accept-encoding")) ? `W/${etag}` : etag;
}

/** RFC 9110, 13.1.2: weak comparison, a list, or anything at all. */
function matches(known: string, etag: string): boolean {
  if (known === etag || known === "*") return true;
  if (!known.includes(",") && !known.startsWith("W/")) return false;
  return known.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}
