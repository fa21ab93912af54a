import { isError, type Reply } from "./backend.ts";
import { concat } from "./bytes.ts";

const decoder = new TextDecoder();

/**
 * One reply as Upstash's REST API words it: `{"result":…}` or `{"error":"…"}`. In base64 every string is encoded
 * except a status `OK`; clients tell that one apart because no base64 text is `OK`.
 */
export function encodeReply(reply: Reply, base64: boolean): string {
  if (isError(reply)) return `{"error":${JSON.stringify(reply.error)}}`;
  if (reply === "OK") return `{"result":"OK"}`;
  return `{"result":${encodeValue(reply, base64)}}`;
}

/** The array that `/pipeline` and `/multi-exec` answer, one entry for each command. */
export function encodeReplies(replies: readonly Reply[], base64: boolean): string {
  return `[${replies.map((reply) => encodeReply(reply, base64)).join(",")}]`;
}

/** The same reply as bytes of RESP2, for those who ask for that format. */
export function encodeResp2(reply: Reply): Uint8Array {
  const encoder = new TextEncoder();
  if (reply === null) return encoder.encode("$-1\r\n");
  if (typeof reply === "number" || typeof reply === "bigint") {
    return encoder.encode(`:${reply}\r\n`);
  }
  if (typeof reply === "string") return encoder.encode(`+${reply}\r\n`);
  if (isError(reply)) return encoder.encode(`-${reply.error}\r\n`);
  if (reply instanceof Uint8Array) {
    return concat([encoder.encode(`$${reply.length}\r\n`), reply, encoder.encode("\r\n")]);
  }
  return concat([encoder.encode(`*${reply.length}\r\n`), ...reply.map(encodeResp2)]);
}

/** A reply as plain text, the way it stands in a line of an event stream. */
export function replyText(reply: Reply): string {
  if (reply === null) return "";
  if (reply instanceof Uint8Array) return decoder.decode(reply);
  if (Array.isArray(reply)) return reply.map(replyText).join(",");
  return isError(reply) ? reply.error : String(reply);
}

/** JSON text rather than a value, because a 64-bit integer has no place in `JSON.stringify`. */
function encodeValue(reply: Reply, base64: boolean): string {
  if (reply === null) return "null";
  if (typeof reply === "number" || typeof reply === "bigint") return String(reply);
  if (Array.isArray(reply)) return `[${reply.map((item) => encodeValue(item, base64)).join(",")}]`;
  if (!base64) return JSON.stringify(replyText(reply));
  const bytes = reply instanceof Uint8Array ? reply : new TextEncoder().encode(replyText(reply));
  return `"${bytes.toBase64()}"`;
}
