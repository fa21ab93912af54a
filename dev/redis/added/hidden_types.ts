import { Buffer } from "node:buffer";
import {
  createRedisCommandExecutor,
  type RedisDatabase,
  RedisResult,
  WrongTypeRedisError,
} from "js-redis-server/core";

type Policy = NonNullable<
  NonNullable<Parameters<typeof createRedisCommandExecutor>[0]>["policies"]
>[number];

/**
 * Types that Upstash has and the embedded store has not. The store keeps six kinds of value and clones no other, so
 * these are kept as a stream whose only entry has the id 0-0, which XADD never gives. Expiry, renaming, copying and
 * watching work on them as on any key, every other type's commands refuse them, and the streams' own are refused below.
 */
export type HiddenType = "json" | "array";

const zero = { ms: 0n, seq: 0n };

export function hiddenType(db: RedisDatabase, key: Buffer): HiddenType | undefined {
  return hiddenParts(db, key)?.[0]?.toString() as HiddenType | undefined;
}

/** What was stored, or null where there is no such key. @throws WrongTypeRedisError */
export function readHidden(db: RedisDatabase, key: Buffer, type: HiddenType): Buffer[] | null {
  if (db.getType(key) === null) return null;
  const [tag, ...parts] = hiddenParts(db, key) ?? [];
  if (tag?.toString() !== type) throw new WrongTypeRedisError();
  return parts;
}

/** Replaces the value and keeps how long the key lives. */
export function writeHidden(db: RedisDatabase, key: Buffer, type: HiddenType, parts: Buffer[]) {
  const entry = { id: zero, fields: [Buffer.from(type), ...parts] };
  db.set(key, {
    type: "stream",
    entries: [entry],
    lastId: zero,
    entriesAdded: 0,
    maxDeletedEntryId: zero,
    groups: new Map(),
  }, { keepTtl: true });
}

function hiddenParts(db: RedisDatabase, key: Buffer): Buffer[] | undefined {
  if (db.getType(key) !== "stream") return undefined;
  const entry = db.getStream(key)?.entries[0];
  return entry && entry.id.ms === 0n && entry.id.seq === 0n ? entry.fields : undefined;
}

/** Refuses the commands of streams on a key that only looks like a stream. */
export const hiddenTypesPolicy: Policy = {
  name: "hidden-types",
  beforeExecute: (plan, ctx) => {
    // What is queued between MULTI and EXEC is looked at when it runs.
    if (!plan.definition.name.startsWith("x") || ctx.session.mode === "transaction") return;
    if (!plan.keys.some((key) => hiddenType(ctx.db, key))) return;
    const { message, code } = new WrongTypeRedisError();
    return RedisResult.error(message, code);
  },
};
