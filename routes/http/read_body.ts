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
  if (text.includes("\0") || /\\u(0000|d[89a-f][0-9a-f]{2})/i.test(text) && holdsBadEscape(text)) {
    fail("malformed_text");
  }
  if (depthOf(text) > depthMax) fail("too_deep");
  // Checks of records pass over this name in silence; no schema has a field of it.
  if (/__proto__|\\u00[5-7]/i.test(text) && namesPrototype(text)) {
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

function holdsBadEscape(text: string): boolean {
  let bad = false;
  try {
    JSON.parse(text, (key, value) => {
      bad ||= isBad(key) || (typeof value === "string" && isBad(value));
      return value;
    });
  } catch {
    return false; // Not JSON at all: the parser says so next.
  }
  return bad;
}

/** Whether some object of the text, at any depth, has a field `__proto__`, in whatever way it is spelt. */
function namesPrototype(text: string): boolean {
  let named = false;
  try {
    JSON.parse(text, (key, value) => {
      named ||= key === "__proto__";
      return value;
    });
  } catch {
    return false;
  }
  return named;
}

function isBad(text: string): boolean {
  return text.includes("\0") || !text.isWellFormed();
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
