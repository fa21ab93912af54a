import type { Context } from "hono";
import { fail } from "../../lib/errors.ts";
import { isCompressed } from "./compress.ts";
import { type ApiEnv, ctxOf } from "./env.ts";

/** A document as it is kept: already serialised, with its entity tag. */
export interface Kept {
  body: string;
  /** Quoted, as it stands in the header. */
  etag: string;
}

/**
 * Answers a hot read: 304 where the caller has it already, else one response of pre-serialised bytes with five
 * headers. Head and body of a quote stay below 512 bytes, above which Deno writes twice and the read costs double.
 */
export function answerKept(
  c: Context<ApiEnv>,
  kept: Kept | Promise<Kept>,
  cacheControl: string,
): Promise<Response> {
  // A plain value is answered without a promise, which Hono takes as well; its types know only one of the two.
  if (kept instanceof Promise) return kept.then((ready) => answerNow(c, ready, cacheControl));
  return answerNow(c, kept, cacheControl) as unknown as Promise<Response>;
}

function answerNow(c: Context<ApiEnv>, kept: Kept, cacheControl: string): Response {
  const { requestId } = ctxOf(c);
  c.env.sealed = true;
  const etag = c.env.address.isHot ? kept.etag : tagOf(kept, c.req.raw.headers);
  const known = c.req.raw.headers.get("if-none-match");
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

/** The tag of a numbered version. */
export function versionTag(version: number): string {
  return `"${version}"`;
}

/**
 * The version that the caller changes, from `If-Match`. 428 where it is missing; a list or a foreign tag matches
 * nothing, which is 412 once the verb compares it. `*` is any version: undefined.
 */
export function expectedVersion(c: Context<ApiEnv>): number | undefined {
  const given = c.req.header("if-match") ?? fail("missing_if_match");
  if (given.trim() === "*") return undefined;
  // A proxy, or Deno Deploy, that compresses an answer makes its tag weak; it still names the one version.
  const version = /^\s*(?:W\/)?"(\d{1,15})"\s*$/.exec(given)?.[1];
  return version === undefined ? -1 : Number(version);
}

/** RFC 9110, 13.1.2: weak comparison, a list, or anything at all. */
function matches(known: string, etag: string): boolean {
  if (known === etag || known === "*") return true;
  if (!known.includes(",") && !known.startsWith("W/")) return false;
  return known.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}
