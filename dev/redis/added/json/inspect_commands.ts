import type { Buffer } from "node:buffer";
import { RedisCommandError, RedisResult, RedisValue } from "js-redis-server/core";
import { rawCommand } from "../raw_command.ts";
import { text } from "../replies.ts";
import { readEach } from "./per_place.ts";
import { readDocument } from "./document.ts";
import { readPath } from "./path_reader.ts";
import { sizeBytes } from "./scalar_commands.ts";
import { isObject, type Json, typeOf, writeJson } from "./value.ts";

function inspects(
  name: string,
  expected: string,
  inspect: (value: Json) => RedisValue | undefined,
) {
  return rawCommand({
    name,
    min: 1,
    max: 2,
    run: ([key, path], ctx) => {
      const visit = (value: Json) => {
        const reply = inspect(value);
        return reply && { reply };
      };
      return readEach({ key: key as Buffer, path: path?.toString(), expected, visit }, ctx);
    },
  });
}

const objlen = inspects(
  "json.objlen",
  "object",
  (value) => isObject(value) ? RedisValue.integer(Object.keys(value).length) : undefined,
);

const objkeys = inspects(
  "json.objkeys",
  "object",
  (value) => isObject(value) ? RedisValue.array(Object.keys(value).map(text)) : undefined,
);

const strlen = inspects(
  "json.strlen",
  "string",
  (value) => typeof value === "string" ? RedisValue.integer(sizeBytes(value)) : undefined,
);

const type = inspects("json.type", "a value", (value) => text(typeOf(value)));

const resp = inspects("json.resp", "a value", asResp);

function asResp(value: Json): RedisValue {
  if (value === null) return RedisValue.null();
  if (typeof value === "boolean") return RedisValue.simpleString(String(value));
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) {
    return RedisValue.array([RedisValue.simpleString("["), ...value.map(asResp)]);
  }
  if (isObject(value)) {
    const members = Object.entries(value).flatMap(([name, item]) => [text(name), asResp(item)]);
    return RedisValue.array([RedisValue.simpleString("{"), ...members]);
  }
  const whole = typeof value === "bigint" || Number.isSafeInteger(value);
  return whole ? RedisValue.integer(value) : text(String(value));
}

const debug = rawCommand({
  name: "json.debug",
  min: 1,
  max: 3,
  keys: (args) => args.slice(1, 2),
  run: ([subcommand, key, path], ctx) => {
    const word = subcommand?.toString().toUpperCase();
    if (word === "HELP") return RedisResult.create(RedisValue.array(help.map(text)));
    if (word !== "MEMORY" || !key) {
      throw new RedisCommandError("unknown subcommand - try `JSON.DEBUG HELP`");
    }
    const pathText = path?.toString();
    if (!readDocument(ctx.db, key)) {
      const legacy = readPath(pathText ?? ".").legacy;
      return RedisResult.create(legacy ? RedisValue.integer(0) : RedisValue.array([]));
    }
    const visit = (value: Json) => ({ reply: RedisValue.integer(sizeBytes(writeJson(value))) });
    return readEach({ key, path: pathText, expected: "a value", visit }, ctx);
  },
});

const help = [
  "MEMORY <key> [path] - reports memory usage",
  "HELP                - this message",
];

/** Commands that tell something about values without changing them. */
export const inspectCommands = [objlen, objkeys, strlen, type, resp, debug];
