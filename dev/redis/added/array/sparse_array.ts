import { Buffer } from "node:buffer";
import { RedisCommandError, type RedisDatabase } from "js-redis-server/core";
import { readHidden, writeHidden } from "../hidden_types.ts";

/** Values at indexes up to 2^64 - 2, of which most may be empty. */
export interface SparseArray {
  slots: Map<bigint, Buffer>;
  /** Where the next appended value goes; one beyond the last index when there is no room left. */
  next: bigint;
  /** How many slots the array is confined to as a ring, or 0. */
  ring: bigint;
}

export const lastIndex = 2n ** 64n - 2n;

/** @throws WrongTypeRedisError */
export function readArray(db: RedisDatabase, key: Buffer): SparseArray | null {
  const parts = readHidden(db, key, "array");
  if (!parts) return null;
  const [next, ring, ...rest] = parts;
  const slots = new Map<bigint, Buffer>();
  for (let at = 0; at < rest.length; at += 2) {
    slots.set(BigInt(String(rest[at])), rest[at + 1] ?? Buffer.alloc(0));
  }
  return { slots, next: BigInt(String(next)), ring: BigInt(String(ring)) };
}

export function readOrEmpty(db: RedisDatabase, key: Buffer): SparseArray {
  return readArray(db, key) ?? { slots: new Map(), next: 0n, ring: 0n };
}

/** An array without a value is no key any more. */
export function writeArray(db: RedisDatabase, key: Buffer, { slots, next, ring }: SparseArray) {
  if (slots.size === 0) return void db.delete(key);
  const numbers = [next, ring].map((number) => Buffer.from(String(number)));
  const pairs = [...slots].flatMap(([index, value]) => [Buffer.from(String(index)), value]);
  writeHidden(db, key, "array", [...numbers, ...pairs]);
}

export function lengthOf({ slots }: SparseArray): bigint {
  let length = 0n;
  for (const index of slots.keys()) if (index >= length) length = index + 1n;
  return length;
}

/** The occupied slots within inclusive bounds, from the first bound to the second. */
export function occupied(
  { slots }: SparseArray,
  start: bigint,
  end: bigint,
): [index: bigint, value: Buffer][] {
  const [low, high] = start <= end ? [start, end] : [end, start];
  const found = [...slots].filter(([index]) => index >= low && index <= high);
  const sign = start <= end ? 1 : -1;
  return found.sort(([a], [b]) => a < b ? -sign : sign);
}

/** The slots that were written last, oldest first, walking back from where the next value goes. */
export function lastSlots(array: SparseArray, count: number): (Buffer | undefined)[] {
  const length = lengthOf(array);
  const found: (Buffer | undefined)[] = [];
  let index = array.next - 1n;
  while (found.length < Math.min(count, array.slots.size)) {
    if (index < 0n) index = length - 1n;
    found.unshift(array.slots.get(index));
    index -= 1n;
  }
  return found;
}

/** Sets values from an index on and returns how many of the slots were empty. @throws RedisCommandError */
export function setFrom({ slots }: SparseArray, start: bigint, values: readonly Buffer[]): number {
  if (start + BigInt(values.length) - 1n > lastIndex) throw invalidIndex();
  const before = slots.size;
  values.forEach((value, at) => slots.set(start + BigInt(at), value));
  return slots.size - before;
}

/** @throws RedisCommandError */
export function readIndex(word: Buffer | undefined, limit = lastIndex): bigint {
  const text = String(word);
  const index = /^\d{1,20}$/.test(text) ? BigInt(text) : limit + 1n;
  if (index > limit) throw invalidIndex();
  return index;
}

function invalidIndex(): RedisCommandError {
  return new RedisCommandError("invalid array index");
}
