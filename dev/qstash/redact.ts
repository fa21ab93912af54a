import { createHash } from "node:crypto";

/** What of a message is hidden in answers, events and on the page. It is delivered unchanged. */
export interface Redaction {
  body: boolean;
  headers: boolean;
  /** Names in lower case. */
  namedHeaders: Set<string>;
}

/** Reads `Upstash-Redact-Fields`, such as `body, header[Authorization]` or `headers`. */
export function readRedaction(fields: string | null): Redaction {
  const redaction: Redaction = { body: false, headers: false, namedHeaders: new Set() };
  for (const field of (fields ?? "").split(",").map((part) => part.trim())) {
    const name = /^headers?\[(.+)\]$/.exec(field)?.[1];
    if (name !== undefined) redaction.namedHeaders.add(name.toLowerCase());
    if (field === "body") redaction.body = true;
    if (field === "header" || field === "headers") redaction.headers = true;
  }
  return redaction;
}

export function redactHeader(redaction: Redaction, name: string, value: string): string {
  const hidden = redaction.headers || redaction.namedHeaders.has(name.toLowerCase());
  return hidden ? redacted(value) : value;
}

/** The mark that QStash documents: two equal values can be told, neither can be read. */
export function redacted(value: string | Uint8Array): string {
  return `REDACTED:${createHash("sha256").update(value).digest("hex")}`;
}
