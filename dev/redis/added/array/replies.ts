import type { Buffer } from "node:buffer";
import { RedisResult, RedisValue } from "js-redis-server/core";
import { text } from "../replies.ts";

/** An index beyond what a signed integer of 64 bits holds is answered as a string. */
export function indexValue(index: bigint): RedisValue {
  return index < 2n ** 63n ? RedisValue.integer(index) : text(String(index));
}

export function slotValues(slots: readonly (Buffer | undefined)[]): RedisResult {
  const items = slots.map((slot) => slot ? RedisValue.bulkString(slot) : RedisValue.null());
  return RedisResult.create(RedisValue.array(items));
}

export function pairs(found: readonly [index: bigint, value: Buffer][]): RedisResult {
  const items = found.map(([index, value]) =>
    RedisValue.array([indexValue(index), RedisValue.bulkString(value)])
  );
  return RedisResult.create(RedisValue.array(items));
}
