import { type Command, isError, type RedisBackend, type Reply } from "./backend.ts";
import { readCommand, readCommands, readPathCommand, Refused, unavailable } from "./commands.ts";
import { encodeReplies, encodeReply } from "./encode.ts";
import type { Handler } from "./faults.ts";
import { parseJson, readBody, readPath, wantsBase64 } from "./request.ts";
import { answerStream } from "./subscribe.ts";

const methods = new Set(["GET", "HEAD", "POST", "PUT"]);

export interface GatewayOptions {
  backend: RedisBackend;
  token: string;
  /** Told of what the client sees as a bare 500. */
  report: (line: string) => void;
}

/**
 * Speaks Upstash's REST protocol (https://upstash.com/docs/redis/features/restapi): a command in
 * the body of `POST /`, `/pipeline`, `/multi-exec`, the path style, and event streams at `/subscribe`,
 * `/psubscribe` and `/monitor`.
 */
export function createGateway({ backend, token, report }: GatewayOptions): Handler {
  let answers = 0;
  const handle = async (request: Request): Promise<Response> => {
    try {
      return await answer(backend, token, request);
    } catch (cause) {
      if (cause instanceof Refused) return errorResponse(cause.status, cause.message);
      report(`redis: ${request.method} ${new URL(request.url).pathname} failed: ${cause}`);
      return errorResponse(500, "ERR internal error");
    }
  };
  return async (request) => {
    const response = await handle(request);
    // Clients hold the newest token and send it along, so that a replica can wait until it has caught up.
    response.headers.set("upstash-sync-token", `sync-${++answers}`);
    return response;
  };
}

async function answer(backend: RedisBackend, token: string, request: Request): Promise<Response> {
  if (!methods.has(request.method)) throw new Refused(405, "ERR method not allowed");
  const url = new URL(request.url);
  const given = url.searchParams.get("_token") ?? request.headers.get("authorization");
  if (given?.replace(/^Bearer /i, "") !== token) throw new Refused(401, "Unauthorized");
  url.searchParams.delete("_token");

  const base64 = wantsBase64(request.headers);
  const path = readPath(url);
  const body = await readBody(request);
  switch (path[0]) {
    case undefined:
      return await answerOne(backend, readCommand(parseJson(body)), base64);
    case "pipeline":
      return await answerPipeline(backend, readCommands(parseJson(body)), base64);
    case "multi-exec":
      return await answerTransaction(backend, readCommands(parseJson(body)), base64);
    case "subscribe":
    case "psubscribe":
    case "monitor":
      return await answerStream(backend, [path[0], ...path.slice(1)]);
    default:
      return await answerOne(backend, readPathCommand(path, url.searchParams, body), base64);
  }
}

async function answerOne(
  backend: RedisBackend,
  command: Command,
  base64: boolean,
): Promise<Response> {
  const reply = unavailable(command) ?? await backend.run(command);
  return jsonResponse(isError(reply) ? 400 : 200, encodeReply(reply, base64));
}

/** Handed over all at once: the backend keeps the order, and a failing command stops none of the others. */
async function answerPipeline(
  backend: RedisBackend,
  commands: readonly Command[],
  base64: boolean,
): Promise<Response> {
  const replies = commands.map((command) => unavailable(command) ?? backend.run(command));
  return jsonResponse(200, encodeReplies(await Promise.all<Reply>(replies), base64));
}

async function answerTransaction(
  backend: RedisBackend,
  commands: readonly Command[],
  base64: boolean,
): Promise<Response> {
  const refused = commands.map(unavailable).find((error) => error !== undefined);
  const reply = refused ?? await backend.transaction(commands);
  if (Array.isArray(reply)) return jsonResponse(200, encodeReplies(reply, base64));
  return jsonResponse(400, encodeReply(reply, base64));
}

function jsonResponse(status: number, json: string): Response {
  return new Response(json, { status, headers: { "content-type": "application/json" } });
}

function errorResponse(status: number, message: string): Response {
  return jsonResponse(status, JSON.stringify({ error: message }));
}
