import type { Command, RedisError } from "./backend.ts";

/** A request the gateway will not pass on; answered with its status and `{"error": message}`. */
export class Refused extends Error {
  override readonly name = "Refused";

  constructor(readonly status: number, message: string) {
    super(message);
  }
}

/** Reads a command from a JSON value such as `["SET", "key", 1]`. @throws Refused */
export function readCommand(value: unknown): Command {
  if (!Array.isArray(value)) throw new Refused(400, "ERR failed to parse command");
  const [name, ...args] = value.map(readArgument);
  if (!name) throw new Refused(400, "ERR empty command");
  return [name, ...args];
}

/** Reads what `/pipeline` and `/multi-exec` take: an array of commands. @throws Refused */
export function readCommands(value: unknown): Command[] {
  if (!Array.isArray(value)) throw new Refused(400, "ERR failed to parse pipeline request");
  if (value.length === 0) throw new Refused(400, "ERR empty pipeline request");
  return value.map(readCommand);
}

/** Reads the path style: `/set/key?EX=10`, where a body becomes the argument before the query. */
export function readPathCommand(
  [name = "", ...segments]: readonly string[],
  query: URLSearchParams,
  body: Uint8Array,
): Command {
  const options = [...query].flatMap(([option, value]) => value ? [option, value] : [option]);
  return [name, ...segments, ...(body.length > 0 ? [body] : []), ...options];
}

/** The error for a command that makes no sense over HTTP, where nothing outlives a request; else undefined. */
export function unavailable([name, ...args]: Command): RedisError | undefined {
  const word = name.toUpperCase();
  const allowed = word === "CLIENT" ? isWord(args[0], "SETINFO") : !unavailableCommands.has(word);
  if (allowed && !(streamReads.has(word) && blocks(args))) return undefined;
  return {
    error: `ERR Command is not available: '${word}'. ` +
      "See https://upstash.com/docs/redis/overall/rediscompatibility for details",
  };
}

const streamReads = new Set(["XREAD", "XREADGROUP"]);

const unavailableCommands = new Set([
  // These wait for another client.
  ..."BLPOP BRPOP BRPOPLPUSH BLMOVE BLMPOP BZPOPMIN BZPOPMAX BZMPOP WAIT WAITAOF".split(" "),
  // These change the connection or the transaction they are sent on.
  ..."AUTH HELLO SELECT QUIT RESET READONLY READWRITE ASKING".split(" "),
  ..."MULTI EXEC DISCARD WATCH UNWATCH".split(" "),
  // These turn the connection into a stream; `/subscribe`, `/psubscribe` and `/monitor` take their place.
  ..."SUBSCRIBE UNSUBSCRIBE PSUBSCRIBE PUNSUBSCRIBE SSUBSCRIBE SUNSUBSCRIBE MONITOR".split(" "),
  // These manage a server, which a customer of Upstash has none of.
  ..."SHUTDOWN DEBUG REPLICAOF SLAVEOF SYNC PSYNC FAILOVER MIGRATE CLUSTER MODULE".split(" "),
  ..."SAVE BGSAVE BGREWRITEAOF SWAPDB MOVE".split(" "),
]);

/** XREAD without BLOCK returns at once; BLOCK can only stand before the list of streams. */
function blocks(args: readonly (string | Uint8Array)[]): boolean {
  const streamsAt = args.findIndex((argument) => isWord(argument, "STREAMS"));
  return args.slice(0, Math.max(streamsAt, 0)).some((argument) => isWord(argument, "BLOCK"));
}

function isWord(argument: string | Uint8Array | undefined, word: string): boolean {
  return typeof argument === "string" && argument.toUpperCase() === word;
}

function readArgument(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new Refused(400, "ERR a command's arguments are strings, numbers or booleans");
}
