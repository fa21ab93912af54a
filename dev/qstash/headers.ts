const forwardPrefix = "upstash-forward-";

/** Names that belong to one connection, or that the request to the destination sets itself. */
const unforwardable = new Set([
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * What the destination sees of a publish's headers: the content type and all that is `Upstash-Forward-*`;
 * with `Upstash-Header-Forward: true` the sender's other headers too.
 */
export function forwardedHeaders(headers: Headers): Headers {
  const forwarded = new Headers();
  const contentType = headers.get("content-type");
  if (contentType !== null) forwarded.set("content-type", contentType);
  const all = headers.get("upstash-header-forward") === "true";
  for (const [key, value] of headers) {
    const name = forwardedName(key, all);
    if (name !== "" && !unforwardable.has(name)) forwarded.set(name, value);
  }
  return forwarded;
}

/** The name under which a header goes on, or nothing. */
function forwardedName(key: string, all: boolean): string {
  if (key.startsWith(forwardPrefix)) return key.slice(forwardPrefix.length);
  return all && !key.startsWith("upstash-") ? key : "";
}

/** Headers as QStash writes them in JSON: `{ "Content-Type": ["text/plain"] }`. */
export function headerLists(
  headers: Headers,
  show = (_name: string, value: string) => value,
): Record<string, string[]> {
  return Object.fromEntries(
    [...headers].map(([name, value]) => [canonicalName(name), [show(name, value)]]),
  );
}

function canonicalName(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (_match, dash, letter) => dash + letter.toUpperCase());
}
