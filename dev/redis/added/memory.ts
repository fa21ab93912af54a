import type { Buffer } from "node:buffer";
import {
  defineCommand,
  type RedisDataValue,
  RedisResult,
  RedisValue,
  t,
} from "js-redis-server/core";

const keyOverheadBytes = 56;
const itemOverheadBytes = 24;

/** Only MEMORY USAGE. Its figure is an estimate, as the real one's is: payload plus a flat cost per item. */
export const memory = defineCommand({
  name: "memory",
  schema: t.object({
    subcommand: t.string(),
    key: t.optional(t.key()),
    rest: t.variadic(t.bulk()),
  }),
  flags: ["readonly"],
  keys: ({ key }) => key ? [key] : [],
  execute: ({ subcommand, key }, ctx) => {
    if (subcommand.toLowerCase() !== "usage" || !key) {
      return RedisResult.error(`unknown subcommand '${subcommand}'. Try MEMORY USAGE key.`, "ERR");
    }
    const value = ctx.db.get(key);
    if (!value) return RedisResult.nil();
    return RedisResult.create(RedisValue.integer(keyOverheadBytes + key.length + sizeBytes(value)));
  },
});

function sizeBytes(value: RedisDataValue): number {
  return storedParts(value).reduce((total, part) => total + itemOverheadBytes + part.length, 0);
}

function storedParts(value: RedisDataValue): Buffer[] {
  switch (value.type) {
    case "string":
      return [value.value];
    case "list":
      return value.values;
    case "set":
      return [...value.members.values()];
    case "hash":
      return [...value.fields.values()].flatMap((entry) => [entry.field, entry.value]);
    case "zset":
      return [...value.members.values()].map(({ member }) => member);
    case "stream":
      return value.entries.flatMap(({ fields }) => fields);
  }
}
