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

/** What the destination sees of a publish's headers: the content type and all that is `Upstash-Forward-*`. */
export function forwardedHeaders(headers: Headers): Headers {
  const forwarded = new Headers();
  const contentType = headers.get("content-type");
  if (contentType !== null) forwarded.set("content-type", contentType);
  for (const [key, value] of headers) {
    if (!key.startsWith(forwardPrefix)) continue;
    const name = key.slice(forwardPrefix.length);
    if (name !== "" && !unforwardable.has(name)) forwarded.set(name, value);
  }
  return forwarded;
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
