import { answerError, answerReplies, answerReply } from "./answer.ts";
import type { Command, RedisBackend, RedisError, Reply } from "./backend.ts";
import { readCommand, readCommands, readPathCommand, Refused, unavailable } from "./commands.ts";
import type { Handler } from "./faults.ts";
import { forbidden } from "./read_only.ts";
import { type Format, parseJson, readBody, readFormat, readPath } from "./request.ts";
import { answerStream } from "./subscribe.ts";

const methods = new Set(["GET", "HEAD", "POST", "PUT"]);

export interface GatewayOptions {
  backend: RedisBackend;
  token: string;
  readOnlyToken: string;
  /** Told of what the client sees as a bare 500. */
  report: (line: string) => void;
}

/**
 * Speaks Upstash's REST protocol (https://upstash.com/docs/redis/features/restapi): a command in
 * the body of `POST /`, `/pipeline`, `/multi-exec`, the path style, and event streams at `/subscribe`,
 * `/psubscribe` and `/monitor`.
 */
export function createGateway(options: GatewayOptions): Handler {
  let answers = 0;
  const handle = async (request: Request): Promise<Response> => {
    try {
      return await answer(options, request);
    } catch (cause) {
      if (cause instanceof Refused) return answerError(cause.status, { error: cause.message });
      const { pathname } = new URL(request.url);
      options.report(`redis: ${request.method} ${pathname} failed: ${cause}`);
      return answerError(500, { error: "ERR internal error" });
    }
  };
  return async (request) => {
    const response = await handle(request);
    // Clients hold the newest token and send it along, so that a replica can wait until it has caught up.
    response.headers.set("upstash-sync-token", `sync-${++answers}`);
    return response;
  };
}

/** What a request may do and how it is answered. */
interface Asked {
  backend: RedisBackend;
  format: Format;
  /** The error for a command that is not run at all; else undefined. */
  refused: (command: Command) => RedisError | undefined;
}

async function answer(options: GatewayOptions, request: Request): Promise<Response> {
  if (!methods.has(request.method)) throw new Refused(405, "ERR method not allowed");
  const url = new URL(request.url);
  const readOnly = isReadOnly(options, url, request.headers);
  url.searchParams.delete("_token");

  const { backend } = options;
  const refused = (command: Command) =>
    unavailable(command) ?? (readOnly ? forbidden(command) : undefined);
  const asked: Asked = { backend, refused, format: readFormat(request.headers) };
  const path = readPath(url);
  const body = await readBody(request);
  switch (path[0]) {
    case undefined:
      return await answerOne(asked, readCommand(parseJson(body)));
    case "pipeline":
      return await answerPipeline(asked, readCommands(parseJson(body)));
    case "multi-exec":
      return await answerTransaction(asked, readCommands(parseJson(body)));
    case "subscribe":
    case "psubscribe":
    case "monitor":
      if (readOnly) throw new Refused(400, forbidden([path[0]])?.error ?? "NOPERM");
      return await answerStream(backend, [path[0], ...path.slice(1)]);
    default:
      return await answerOne(asked, readPathCommand(path, url.searchParams, body));
  }
}

/** @throws Refused for a token that is neither of the two */
function isReadOnly(
  { token, readOnlyToken }: GatewayOptions,
  url: URL,
  headers: Headers,
): boolean {
  const given = url.searchParams.get("_token") ?? headers.get("authorization");
  const bare = given?.replace(/^Bearer /i, "");
  if (bare === token) return false;
  if (bare === readOnlyToken) return true;
  throw new Refused(401, "Unauthorized");
}

async function answerOne({ backend, format, refused }: Asked, command: Command): Promise<Response> {
  return answerReply(refused(command) ?? await backend.run(command), format);
}

/** Handed over all at once: the backend keeps the order, and a failing command stops none of the others. */
async function answerPipeline(
  { backend, format, refused }: Asked,
  commands: readonly Command[],
): Promise<Response> {
  const replies = commands.map((command) => refused(command) ?? backend.run(command));
  return answerReplies(await Promise.all<Reply>(replies), format);
}

/** Always in JSON: there is no transaction in another format. */
async function answerTransaction(
  { backend, format, refused }: Asked,
  commands: readonly Command[],
): Promise<Response> {
  const json = format === "resp2" ? "json" : format;
  const error = commands.map(refused).find((refusal) => refusal !== undefined);
  const reply = error ?? await backend.transaction(commands);
  return Array.isArray(reply) ? answerReplies(reply, json) : answerReply(reply, json);
}
