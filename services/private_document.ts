import { cacheReads } from "../lib/cache_metrics.ts";
import { secondMs } from "../lib/time.ts";
import type { InTransaction, Needs } from "./ctx.ts";

/** A document of one person, ready to be sent: serialised once, with its entity tag. */
export interface PrivateDocument {
  body: string;
  etag: string;
}

type CacheNeeds = Needs<"memory" | "now" | "redis">;

const reads = cacheReads("document");
const memoryMs = secondMs;
// Bounds how long another isolate may serve what was changed while Redis could not be told.
const redisSeconds = 60;
const versionSeconds = 86_400;
/** Longer than any load takes, and than Redis keeps a document. */
const noteMs = 2 * redisSeconds * secondMs;

const changesKey = (key: string) => `${key}:changes`;
const untoldKey = (key: string) => `${key}:untold`;

/**
 * A person's document from memory (1 s), Redis, or its owner. It is kept in Redis under the version that was read
 * before it was loaded: a change that commits meanwhile bumps the version, so that what was loaded too early is
 * never served as new. The answer is a plain value when memory has it.
 */
export function readPrivateDocument(
  ctx: CacheNeeds,
  key: string,
  load: () => Promise<PrivateDocument>,
): PrivateDocument | Promise<PrivateDocument> {
  const kept = ctx.memory.get<PrivateDocument>(key);
  if (kept) {
    reads.memory.add();
    return kept;
  }
  // Whoever asks after a change here does not join a load that began before it.
  const changes = changesSeen(ctx, key);
  return ctx.memory.once(`${key}@${changes}`, () => fill(ctx, key, changes, load));
}

/** Called by whoever changes the document, inside the transaction: after the commit nobody is served the old one. */
export function changedPrivateDocument(
  ctx: Needs<"memory" | "redis"> & InTransaction,
  key: string,
): void {
  ctx.afterCommit(async () => {
    ctx.memory.set(changesKey(key), changesSeen(ctx, key) + 1, noteMs);
    ctx.memory.drop(key);
    await tellOthers(ctx, key);
  });
}

async function fill(
  ctx: CacheNeeds,
  key: string,
  changes: number,
  load: () => Promise<PrivateDocument>,
): Promise<PrivateDocument> {
  // Its second begins before the load, so that a slow one does not let it live longer.
  const untilMs = ctx.now() + memoryMs;
  const shared = await readShared(ctx, key);
  const document = shared?.document ?? await load();
  (shared?.document ? reads.redis : reads.owner).add();
  if (changesSeen(ctx, key) === changes) ctx.memory.set(key, document, untilMs - ctx.now());
  if (shared && !shared.document) {
    const value = JSON.stringify({ version: shared.version, document });
    await ctx.redis.attempt((redis) => redis.set(`${key}:document`, value, { ex: redisSeconds }));
  }
  return document;
}

interface Shared {
  version: string;
  document: PrivateDocument | undefined;
}

/** What Redis has; undefined where it is away, or holds what we changed without being able to say so. */
async function readShared(ctx: CacheNeeds, key: string): Promise<Shared | undefined> {
  if (ctx.memory.get(untoldKey(key)) && !await tellOthers(ctx, key)) return undefined;
  const kept = await ctx.redis.attempt((redis) =>
    redis.mget<(string | null)[]>(`${key}:version`, `${key}:document`)
  );
  if (kept === undefined) return undefined;
  const version = kept[0] ?? "0";
  return { version, document: parseKept(kept[1], version) };
}

/** Bumps the version in Redis; false, and noted so that it is tried again, where Redis does not answer. */
async function tellOthers(ctx: Needs<"memory" | "redis">, key: string): Promise<boolean> {
  const told = await ctx.redis.attempt((redis) =>
    redis.multi().incr(`${key}:version`).expire(`${key}:version`, versionSeconds).exec()
  );
  if (told === undefined) ctx.memory.set(untoldKey(key), true, noteMs);
  else ctx.memory.drop(untoldKey(key));
  return told !== undefined;
}

function changesSeen(ctx: Needs<"memory">, key: string): number {
  return ctx.memory.get<number>(changesKey(key)) ?? 0;
}

function parseKept(text: string | null | undefined, version: string): PrivateDocument | undefined {
  if (!text) return undefined;
  const kept = JSON.parse(text) as { version: string; document: PrivateDocument };
  return kept.version === version ? kept.document : undefined;
}
