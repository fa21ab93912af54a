import { Buffer } from "node:buffer";
import { RedisCommandError, type RedisDatabase, WrongTypeRedisError } from "js-redis-server/core";
import { builtIn } from "./built_in.ts";
import { rawCommand } from "./raw_command.ts";
import { integer } from "./replies.ts";

/** What Redis 8.2 added: each takes a byte of the first source and those of the others. */
const operations: Record<string, (first: number, others: number[]) => number> = {
  DIFF: (first, others) => first & ~or(others),
  DIFF1: (first, others) => or(others) & ~first,
  ANDOR: (first, others) => first & or(others),
  ONE: (first, others) => exactlyOne([first, ...others]),
};

const builtInBitop = builtIn<unknown>("bitop");

export const bitop = rawCommand({
  name: "bitop",
  min: 3,
  write: true,
  keys: ([, ...keys]) => keys,
  run: (args, ctx) => {
    const [name, destination, ...keys] = args as [Buffer, Buffer, ...Buffer[]];
    const operation = operations[name.toString().toUpperCase()];
    if (!operation) {
      const context = { commandName: "bitop", profile: ctx.server.profile };
      const { value } = builtInBitop.schema.parse(args, 0, context);
      return builtInBitop.execute(value, ctx) as ReturnType<typeof integer>;
    }
    if (keys.length < 2 && operation !== operations.ONE) {
      const word = name.toString().toUpperCase();
      throw new RedisCommandError(`BITOP ${word} must be called with at least two source keys.`);
    }
    const result = combine(keys.map((key) => stringAt(ctx.db, key)), operation);
    if (result.length === 0) ctx.db.delete(destination);
    else ctx.db.setString(destination, result);
    return integer(result.length);
  },
});

function combine(
  sources: Buffer[],
  operation: (first: number, others: number[]) => number,
): Buffer {
  const result = Buffer.alloc(Math.max(...sources.map((source) => source.length)));
  for (const at of result.keys()) {
    const [first = 0, ...others] = sources.map((source) => source[at] ?? 0);
    result[at] = operation(first, others) & 0xff;
  }
  return result;
}

function stringAt(db: RedisDatabase, key: Buffer): Buffer {
  const type = db.getType(key);
  if (type !== null && type !== "string") throw new WrongTypeRedisError();
  return db.getString(key) ?? Buffer.alloc(0);
}

function or(bytes: number[]): number {
  return bytes.reduce((sum, byte) => sum | byte, 0);
}

function exactlyOne(bytes: number[]): number {
  let once = 0;
  let more = 0;
  for (const byte of bytes) {
    more |= once & byte;
    once |= byte;
  }
  return once & ~more;
}
