import type { Buffer } from "node:buffer";
import { InvalidStreamIdError, type RedisStreamData } from "js-redis-server/core";

export type StreamId = RedisStreamData["lastId"];

const largest = (1n << 64n) - 1n;

/** Reads `<ms>-<sequence>`, or `<ms>` for its first. @throws InvalidStreamIdError */
export function readStreamId(word: Buffer): StreamId {
  const [, ms, sequence = "0"] = /^(\d+)(?:-(\d+))?$/.exec(word.toString()) ?? [];
  if (ms === undefined) throw new InvalidStreamIdError();
  const id = { ms: BigInt(ms), seq: BigInt(sequence) };
  if (id.ms > largest || id.seq > largest) throw new InvalidStreamIdError();
  return id;
}

export function compareIds(left: StreamId, right: StreamId): number {
  const [a, b] = left.ms === right.ms ? [left.seq, right.seq] : [left.ms, right.ms];
  return a < b ? -1 : a > b ? 1 : 0;
}
