import { fail } from "../../lib/errors.ts";
import { readBytes } from "../../lib/read_bytes.ts";

const depthMax = 32;

/**
 * The text of a JSON body. Refuses another content type (415), too many bytes (413) while they come in, a sender that
 * dawdles, and text that is not strict UTF-8, holds a NUL or half a surrogate pair, or nests deeper than 32.
 */
export async function readJsonText(request: Request, sizeMaxBytes: number): Promise<string> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/(merge-patch\+)?json\s*(;\s*charset="?utf-8"?)?$/i.test(type)) {
    fail("unsupported_media_type");
  }
  const text = decode(await readBytes(request, sizeMaxBytes));
  // JSON may spell them as escapes, so that the text looks harmless and the value is not.
  const isEscaped = text.includes("\\u");
  if (text.includes("\0") || isEscaped && holdsText(text, isBad)) fail("malformed_text");
  if (depthOf(text) > depthMax) fail("too_deep");
  // A schema drops this one name without a word, and what is accepted must be kept.
  if ((isEscaped || text.includes("__proto__")) && holdsText(text, isPrototype)) {
    fail("invalid_request", { errors: [{ path: "__proto__", message: "is not known here" }] });
  }
  return text;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    return fail("malformed_text", { cause });
  }
}

/** Whether a name in the JSON, or a value that is text, `matches` once its escapes are read. */
function holdsText(json: string, matches: (text: string, isName: boolean) => boolean): boolean {
  let holds = false;
  try {
    JSON.parse(json, (name, value) => {
      holds ||= matches(name, true) || (typeof value === "string" && matches(value, false));
      return value;
    });
  } catch {
    return false; // Not JSON at all: the parser says so next.
  }
  return holds;
}

function isBad(text: string): boolean {
  return text.includes("\0") || !text.isWellFormed();
}

function isPrototype(text: string, isName: boolean): boolean {
  return isName && text === "__proto__";
}

const quote = 34,
  backslash = 92,
  openBracket = 91,
  closeBracket = 93,
  openBrace = 123,
  closeBrace = 125;

/** How deep brackets nest, counted without parsing, so that a deep body costs no recursion. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfText(text, at);
        break;
      case openBracket:
      case openBrace:
        if (++depth > deepest) deepest = depth;
        break;
      case closeBracket:
      case closeBrace:
        depth--;
    }
  }
  return deepest;
}

/** Where the text that begins at `from` has its closing quote; the end of all where it has none. */
function endOfText(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === backslash) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}
