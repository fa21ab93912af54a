/** Below this a smaller body is no quicker: both fit into one packet. */
const leastBytes = 1_024;
const bodiless = new Set([101, 204, 304]);
const compressible = /^(application\/(problem\+)?json|text\/(html|plain))\b/;

/**
 * The answer in gzip where the caller takes it and the body is longer than a kilobyte. The entity tag of a read becomes
 * a weak one, since the same tag now stands for other bytes; that of a write names what was written, not this answer.
 * `accepted` is the request's Accept-Encoding. Where a platform compresses by itself it leaves alone what is compressed.
 */
export function compress(
  response: Response,
  method: string,
  accepted: string | null,
): Response | Promise<Response> {
  // To look at `body` would make a stream of it, which is sent in chunks and without a length.
  if (bodiless.has(response.status)) return response;
  const { headers } = response;
  if (headers.has("content-encoding")) return response;
  if (!compressible.test(headers.get("content-type") ?? "")) return response;
  headers.append("vary", "accept-encoding");
  return takesGzip(accepted) ? zip(response, method === "GET") : response;
}

async function zip(response: Response, isRead: boolean): Promise<Response> {
  const { status, headers } = response;
  const plain = await response.arrayBuffer();
  if (plain.byteLength <= leastBytes) {
    return new Response(plain.byteLength === 0 ? null : plain, { status, headers });
  }
  const stream = new Blob([plain]).stream().pipeThrough(new CompressionStream("gzip"));
  const body = await new Response(stream).arrayBuffer();
  headers.set("content-encoding", "gzip");
  headers.delete("content-length");
  const etag = headers.get("etag");
  if (isRead && etag !== null && !etag.startsWith("W/")) headers.set("etag", `W/${etag}`);
  return new Response(body, { status, headers });
}

/** Whether a text is sent in gzip to a caller of that Accept-Encoding, and so goes by a weak tag. */
export function isCompressed(text: string, accepted: string | null): boolean {
  return takesGzip(accepted) && new TextEncoder().encode(text).byteLength > leastBytes;
}

/** RFC 9110, 12.5.3, for one coding: named, or covered by `*`, and not with a weight of zero. */
function takesGzip(accepted: string | null): boolean {
  if (accepted === null) return false;
  const weights = new Map(
    accepted.toLowerCase().split(",").map((part) => {
      const [coding = "", ...parameters] = part.split(";").map((text) => text.trim());
      const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
      return [coding, weight === undefined ? 1 : Number(weight)];
    }),
  );
  return (weights.get("gzip") ?? weights.get("*") ?? 0) > 0;
}
