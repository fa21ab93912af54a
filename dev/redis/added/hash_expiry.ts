import { Buffer } from "node:buffer";
import type { CommandDefinition, RedisExecutionContext } from "js-redis-server/core";
import { builtIn } from "./built_in.ts";
import { integers } from "./replies.ts";

interface FieldArgs {
  key: Buffer;
  fields: Buffer[];
}

interface ExpireArgs {
  key: Buffer;
  /** The time, then all that follows it. */
  rawArgs: Buffer[];
}

/** The last moment that the store accepts, in the year 4199. Upstash accepts any, so a later one becomes this one. */
const lastMs = 2n ** 46n - 1n;

const noSuchField = -2;
const noExpiry = -1;

/** HEXPIRETIME and HPEXPIRETIME, which the store lacks, and HEXPIRE and its kin for times that it refuses. */
export const hashExpiryCommands = [
  expireCommand("hexpire", 1000n, () => BigInt(Date.now())),
  expireCommand("hpexpire", 1n, () => BigInt(Date.now())),
  expireCommand("hexpireat", 1000n, () => 0n),
  expireCommand("hpexpireat", 1n, () => 0n),
  expiryCommand("hexpiretime", "httl", (timeMs) => Math.ceil(timeMs / 1000)),
  expiryCommand("hpexpiretime", "hpttl", (timeMs) => timeMs),
];

function expireCommand(
  name: string,
  unitMs: bigint,
  startMs: () => bigint,
): CommandDefinition<ExpireArgs> {
  const inner = builtIn<ExpireArgs>(name);
  return {
    ...inner,
    execute: ({ key, rawArgs: [time, ...rest] }, ctx) => {
      const last = (lastMs - startMs()) / unitMs;
      const isLater = /^\d{1,19}$/.test(String(time)) && BigInt(String(time)) > last;
      const accepted = isLater || !time ? Buffer.from(String(last)) : time;
      return inner.execute({ key, rawArgs: [accepted, ...rest] }, ctx);
    },
  };
}

function expiryCommand(
  name: string,
  like: string,
  unit: (timeMs: number) => number,
): CommandDefinition<FieldArgs> {
  const expiry = ({ key, fields }: FieldArgs, ctx: RedisExecutionContext) => {
    if (!ctx.db.getHash(key)) return integers(fields.map(() => noSuchField));
    return ctx.db.updateHash(key, (hash) =>
      integers(fields.map((field) => {
        const entry = hash.getField(field);
        if (!entry) return noSuchField;
        return entry.expiresAt === undefined ? noExpiry : unit(entry.expiresAt);
      })));
  };
  return { ...builtIn<FieldArgs>(like), name, execute: expiry };
}
