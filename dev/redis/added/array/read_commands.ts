import type { Buffer } from "node:buffer";
import {
  NoSuchKeyError,
  RedisCommandError,
  RedisResult,
  RedisSyntaxError,
  RedisValue,
} from "js-redis-server/core";
import { rawCommand } from "../raw_command.ts";
import { integer, text } from "../replies.ts";
import { indexValue, pairs, slotValues } from "./replies.ts";
import {
  lastIndex,
  lastSlots,
  lengthOf,
  occupied,
  readArray,
  readIndex,
  readOrEmpty,
  type SparseArray,
} from "./sparse_array.ts";

const largestRange = 1_000_000;
const sliceSize = 4096n;

const arget = reads("arget", 2, 2, (array, [index]) => {
  const value = array.slots.get(readIndex(index));
  return value ? RedisResult.create(RedisValue.bulkString(value)) : RedisResult.nil();
});

const armget = reads(
  "armget",
  2,
  Infinity,
  (array, args) => slotValues(args.map((arg) => array.slots.get(readIndex(arg)))),
);

const argetrange = reads("argetrange", 3, 3, (array, [startWord, endWord]) => {
  const [start, end] = [readIndex(startWord), readIndex(endWord)];
  const length = Number(start <= end ? end - start : start - end) + 1;
  if (length > largestRange) {
    throw new RedisCommandError(`range exceeds the maximum of ${largestRange} elements`);
  }
  const step = start <= end ? 1n : -1n;
  return slotValues(
    Array.from({ length }, (_, at) => array.slots.get(start + step * BigInt(at))),
  );
});

const arcount = reads("arcount", 1, 1, (array) => integer(array.slots.size));

const arlen = reads("arlen", 1, 1, (array) => RedisResult.create(indexValue(lengthOf(array))));

const arnext = reads(
  "arnext",
  1,
  1,
  ({ next }) => next > lastIndex ? RedisResult.nil() : RedisResult.create(indexValue(next)),
);

const arlastitems = reads("arlastitems", 2, 3, (array, [countWord, order]) => {
  const newestFirst = order?.toString().toUpperCase() === "REV";
  if (order && !newestFirst) throw new RedisSyntaxError();
  const found = lastSlots(array, Number(readIndex(countWord)));
  return slotValues(newestFirst ? found.reverse() : found);
});

const arscan = reads("arscan", 3, 5, (array, [start, end, word, limit]) => {
  if (word && word.toString().toUpperCase() !== "LIMIT") throw new RedisSyntaxError();
  const found = occupied(array, readIndex(start), readIndex(end));
  return pairs(word ? found.slice(0, Number(readIndex(limit))) : found);
});

const arinfo = rawCommand({
  name: "arinfo",
  min: 1,
  max: 2,
  run: ([key, word], ctx) => {
    const full = word?.toString().toUpperCase() === "FULL";
    if (word && !full) throw new RedisSyntaxError();
    const array = key ? readArray(ctx.db, key) : null;
    if (!array) throw new NoSuchKeyError();
    const slices = new Set([...array.slots.keys()].map((index) => index / sliceSize)).size;
    const perSlice = array.slots.size / slices;
    const items = [
      ...[text("count"), RedisValue.integer(array.slots.size)],
      ...[text("len"), indexValue(lengthOf(array))],
      ...[text("next-insert-index"), indexValue(array.next)],
      ...[text("slices"), RedisValue.integer(slices)],
      ...[text("directory-size"), RedisValue.integer(slices)],
      ...[text("super-dir-entries"), RedisValue.integer(0)],
      ...[text("slice-size"), RedisValue.integer(sliceSize)],
    ];
    // Every slice of this store is sparse.
    const more = [
      ...[text("dense-slices"), RedisValue.integer(0)],
      ...[text("sparse-slices"), RedisValue.integer(slices)],
      ...[text("avg-dense-size"), text("0")],
      ...[text("avg-dense-fill"), text("0")],
      ...[text("avg-sparse-size"), text(String(perSlice))],
    ];
    return RedisResult.create(RedisValue.array(full ? [...items, ...more] : items));
  },
});

/** Commands that read an array by index, by order of writing, or tell about it. */
export const readCommands = [
  arget,
  armget,
  argetrange,
  arcount,
  arlen,
  arnext,
  arlastitems,
  arscan,
  arinfo,
];

function reads(
  name: string,
  min: number,
  max: number,
  read: (array: SparseArray, args: Buffer[]) => RedisResult,
) {
  return rawCommand({
    name,
    min,
    max,
    run: ([key, ...args], ctx) => read(readOrEmpty(ctx.db, key as Buffer), args),
  });
}
