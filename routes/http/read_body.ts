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
  if (
    text.includes("\0") || /\\u(0000|d[89a-f][0-9a-f]{2})/i.test(text) && holdsText(text, isBad)
  ) {
    fail("malformed_text");
  }
  if (depthOf(text) > depthMax) fail("too_deep");
  // A schema drops this one name without a word, and what is accepted must be kept.
  if (/__proto__|\\u00[5-7]/i.test(text) && holdsText(text, isPrototype)) {
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

/** How deep brackets nest, counted without parsing, so that a deep body costs no recursion. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (quoted) {
      if (char === "\\") at++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === "{" || char === "[") deepest = Math.max(deepest, ++depth);
    else if (char === "}" || char === "]") depth--;
  }
  return deepest;
}
