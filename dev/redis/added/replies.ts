import { Buffer } from "node:buffer";
import { RedisResult, RedisValue } from "js-redis-server/core";

export function text(value: string): RedisValue {
  return RedisValue.bulkString(Buffer.from(value));
}

export function integers(values: readonly (number | null)[]): RedisResult {
  const items = values.map((value) =>
    value === null ? RedisValue.null() : RedisValue.integer(value)
  );
  return RedisResult.create(RedisValue.array(items));
}

export function integer(value: number | bigint): RedisResult {
  return RedisResult.create(RedisValue.integer(value));
}
