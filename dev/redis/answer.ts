import { isError, type RedisError, type Reply } from "./backend.ts";
import { encodeReplies, encodeReply, encodeResp2 } from "./encode.ts";
import type { Format } from "./request.ts";

/** What one command came to: 400 where it failed. */
export function answerReply(reply: Reply, format: Format): Response {
  const status = isError(reply) ? 400 : 200;
  if (format === "resp2") return bytesResponse(status, [reply]);
  return jsonResponse(status, encodeReply(reply, format === "base64"));
}

/** What the commands of a pipeline came to: 200 whatever became of them. */
export function answerReplies(replies: readonly Reply[], format: Format): Response {
  if (format === "resp2") return bytesResponse(200, replies);
  return jsonResponse(200, encodeReplies(replies, format === "base64"));
}

export function answerError(status: number, { error }: RedisError): Response {
  return jsonResponse(status, JSON.stringify({ error }));
}

function jsonResponse(status: number, json: string): Response {
  return new Response(json, { status, headers: { "content-type": "application/json" } });
}

function bytesResponse(status: number, replies: readonly Reply[]): Response {
  const body = new Blob(replies.map((reply) => encodeResp2(reply) as Uint8Array<ArrayBuffer>));
  return new Response(body, { status, headers: { "content-type": "application/octet-stream" } });
}
