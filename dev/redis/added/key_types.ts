import type { Buffer } from "node:buffer";
import {
  type CommandDefinition,
  type RedisExecutionContext,
  RedisResult,
  RedisValue,
} from "js-redis-server/core";
import { builtIn } from "./built_in.ts";
import { hiddenType } from "./hidden_types.ts";
import { text } from "./replies.ts";

interface ScanArgs {
  cursor: bigint;
  type?: string;
  withType?: boolean;
  wanted?: string;
}

const builtInType = builtIn<{ key: Buffer }>("type");
const builtInScan = builtIn<ScanArgs>("scan");

function typeOf(ctx: RedisExecutionContext, key: Buffer): string {
  return hiddenType(ctx.db, key) ?? ctx.db.getType(key) ?? "none";
}

const type: CommandDefinition<{ key: Buffer }> = {
  ...builtInType,
  execute: ({ key }, ctx) => RedisResult.create(RedisValue.simpleString(typeOf(ctx, key))),
};

/** SCAN that knows the hidden types and Upstash's WITHTYPE, which puts each key's type behind it. */
const scan: CommandDefinition<ScanArgs> = {
  ...builtInScan,
  schema: {
    parse: (input, index, ctx) => {
      const isFlag = (word: Buffer) => word.toString().toUpperCase() === "WITHTYPE";
      // An option's value may be the very word, so only what stands where an option stands is taken for it.
      const flagAt = input.findIndex((word, at) => (at - index) % 2 === 1 && isFlag(word));
      const rest = flagAt < 0 ? input : input.toSpliced(flagAt, 1);
      const { value } = builtInScan.schema.parse(rest, index, ctx);
      const { type: wanted, ...options } = value;
      return { value: { ...options, wanted, withType: flagAt >= 0 }, nextIndex: input.length };
    },
  },
  execute: ({ wanted, withType, ...options }, ctx) => {
    const page = builtInScan.execute(options, ctx);
    if (!(page instanceof RedisResult) || page.value.kind !== "array") return page;
    const [cursor, keys] = page.value.items;
    const found = keys?.kind === "array" ? keys.items : [];
    const items = found.flatMap((item) => {
      const name = item.kind === "bulk-string" && item.value ? typeOf(ctx, item.value) : "none";
      if (wanted !== undefined && wanted !== name) return [];
      return withType ? [item, text(name)] : [item];
    });
    return RedisResult.create(RedisValue.array([cursor ?? text("0"), RedisValue.array(items)]));
  },
};

/** TYPE and SCAN, which tell what kind of value a key holds. */
export const keyTypeCommands = [type, scan];
