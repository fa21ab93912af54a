import type { Buffer } from "node:buffer";
import { RedisCommandError, RedisResult, WrongNumberOfArgumentsError } from "js-redis-server/core";
import { rawCommand } from "../raw_command.ts";
import { integer } from "../replies.ts";
import { indexValue } from "./replies.ts";
import {
  lastIndex,
  lastSlots,
  lengthOf,
  occupied,
  readArray,
  readIndex,
  readOrEmpty,
  setFrom,
  type SparseArray,
  writeArray,
} from "./sparse_array.ts";

const arset = changes(
  "arset",
  3,
  (array, [index, ...values]) => integer(setFrom(array, readIndex(index), values)),
);

const armset = changes("armset", 3, (array, args) => {
  if (args.length % 2 !== 0) throw new WrongNumberOfArgumentsError("armset");
  const pairs = inPairs(args).map(([index, value]) => [readIndex(index), value] as const);
  let added = 0;
  for (const [index, value] of pairs) added += setFrom(array, index, [value]);
  return integer(added);
});

const ardel = changes(
  "ardel",
  2,
  (array, args) =>
    integer(args.map((arg) => readIndex(arg)).filter((index) => array.slots.delete(index)).length),
);

const ardelrange = changes("ardelrange", 3, (array, args) => {
  if (args.length % 2 !== 0) throw new WrongNumberOfArgumentsError("ardelrange");
  const ranges = inPairs(args).map(([start, end]) => [readIndex(start), readIndex(end)] as const);
  const before = array.slots.size;
  for (const [start, end] of ranges) {
    for (const [index] of occupied(array, start, end)) array.slots.delete(index);
  }
  return integer(before - array.slots.size);
});

const arinsert = changes("arinsert", 2, (array, values) => {
  const last = array.next + BigInt(values.length) - 1n;
  if (last > lastIndex) throw new RedisCommandError("insert index overflow");
  setFrom(array, array.next, values);
  array.next = last + 1n;
  return RedisResult.create(indexValue(last));
});

const arring = changes("arring", 3, (array, [sizeWord, ...values]) => {
  const size = readIndex(sizeWord);
  if (size === 0n) throw new RedisCommandError("invalid array index");
  if (size !== array.ring) reshape(array, size);
  for (const value of values) {
    const index = array.next % size;
    array.slots.set(index, value);
    array.next = index + 1n;
  }
  return RedisResult.create(indexValue(array.next - 1n));
});

/** Keeps the newest values that fit, laid anew from index 0 on. */
function reshape(array: SparseArray, size: bigint) {
  array.ring = size;
  if (array.slots.size === 0) return;
  const fitting = size < lengthOf(array) ? Number(size) : array.slots.size;
  const kept = lastSlots(array, fitting).filter((slot) => slot !== undefined);
  array.slots = new Map(kept.map((value, at) => [BigInt(at), value]));
  array.next = BigInt(kept.length);
}

const arseek = rawCommand({
  name: "arseek",
  min: 2,
  max: 2,
  write: true,
  run: ([key, word], ctx) => {
    const next = readIndex(word, lastIndex + 1n);
    const array = key ? readArray(ctx.db, key) : null;
    if (!key || !array) return integer(0);
    writeArray(ctx.db, key, { ...array, next });
    return integer(1);
  },
});

/** Commands that write or empty the slots of an array. */
export const writeCommands = [arset, armset, ardel, ardelrange, arinsert, arring, arseek];

function changes(
  name: string,
  min: number,
  change: (array: SparseArray, args: Buffer[]) => RedisResult,
) {
  return rawCommand({
    name,
    min,
    write: true,
    run: ([key, ...args], ctx) => {
      if (!key) throw new WrongNumberOfArgumentsError(name);
      const array = readOrEmpty(ctx.db, key);
      const reply = change(array, args);
      writeArray(ctx.db, key, array);
      return reply;
    },
  });
}

function inPairs(args: Buffer[]): [Buffer, Buffer][] {
  return args.flatMap((arg, at) => at % 2 === 0 ? [[arg, args[at + 1] ?? arg]] : []);
}
