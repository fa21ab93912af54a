import type { Database } from "../../lib/database.ts";
import type { Log } from "../../lib/log.ts";
import type { RedisStore } from "../../lib/redis.ts";
import { type Clock, type EpochMs, minuteMs, secondMs, stopwatch } from "../../lib/time.ts";
import { inTransaction } from "../ctx.ts";
import type { Revocations } from "./schema.ts";

const redisKey = "auth:revoked";
// Stands in the set for good, so that a set which Redis has lost is told from an empty one.
const intactMember = "*";
const intactScore = Number.MAX_SAFE_INTEGER;
// Longer than any access token lives; after that the session's end is enough.
const keepMs = 20 * minuteMs;
const pollEveryMs = 500;
// Half a poll below the second in which a revoked session has to be refused everywhere.
const reliableMs = 950;
// What has been read already is read again this far back: clocks differ, and writes overtake each other.
const overlapMs = 30 * secondMs;
const rereadEveryMs = minuteMs;

interface RevocationDeps {
  redis: RedisStore;
  database: Database;
  log: Log;
  now: Clock;
}

interface Revoked {
  id: string;
  atMs: EpochMs;
}

/**
 * The revoked ids of the last minutes, in memory. They come from a sorted set in Redis by the moment of revocation;
 * where Redis is away or has lost the set, from Postgres.
 */
export function createRevocations(deps: RevocationDeps): Revocations {
  const revoked = new Map<string, EpochMs>();
  const elapsedMs = stopwatch();
  let running: Promise<void> | undefined;
  let begunMs = -Infinity;
  let reliableSinceMs = -Infinity;
  let rereadMs = -Infinity;
  let newestMs = 0;

  function keep(entries: Revoked[]) {
    for (const { id, atMs } of entries) {
      revoked.set(id, atMs);
      newestMs = Math.max(newestMs, atMs);
    }
  }

  async function poll() {
    const atMs = elapsedMs();
    const reread = atMs - rereadMs >= rereadEveryMs;
    const oldestMs = deps.now() - keepMs;
    // A process whose clock runs ahead must not make us skip what the others write.
    const sinceMs = Math.min(newestMs, deps.now()) - overlapMs;
    try {
      keep(await readRevoked(deps, reread ? oldestMs : sinceMs));
      reliableSinceMs = atMs;
      if (!reread) return;
      rereadMs = atMs;
      for (const [id, revokedMs] of revoked) if (revokedMs < oldestMs) revoked.delete(id);
    } catch (error) {
      // Better to go on with what is known than to sign everybody out: the next poll is half a second away.
      deps.log.warn("revocations not read", { error });
    }
  }

  return {
    has: (id) => revoked.has(id),
    catchUp() {
      const nowMs = elapsedMs();
      if (running === undefined && nowMs - begunMs >= pollEveryMs) {
        begunMs = nowMs;
        running = poll().finally(() => running = undefined);
      }
      return nowMs - reliableSinceMs > reliableMs ? running : undefined;
    },
    async announce(ids) {
      const entries = ids.map((id) => ({ id, atMs: deps.now() }));
      keep(entries);
      return entries.length === 0 || await writeRevoked(deps, entries);
    },
    async close() {
      await running;
    },
  };
}

async function readRevoked(deps: RevocationDeps, sinceMs: EpochMs): Promise<Revoked[]> {
  const flat = await deps.redis.attempt((redis) =>
    redis.zrange<string[]>(redisKey, sinceMs, "+inf", { byScore: true, withScores: true })
  );
  if (flat === undefined) return await readStored(deps, sinceMs);
  const entries = pairs(flat);
  const intact = entries.findIndex(({ id }) => id === intactMember);
  if (intact >= 0) return entries.toSpliced(intact, 1);
  const stored = await readStored(deps, deps.now() - keepMs);
  await writeRevoked(deps, [...stored, { id: intactMember, atMs: intactScore }]);
  return stored;
}

async function readStored(deps: RevocationDeps, sinceMs: EpochMs): Promise<Revoked[]> {
  const system = { ...deps, actor: { kind: "system", job: "revocations" } as const };
  const { selectRevokedSince } = await import("./store.ts");
  return await inTransaction(
    system,
    ({ sql }) => selectRevokedSince(sql, Math.max(sinceMs, deps.now() - keepMs)),
  );
}

async function writeRevoked({ redis, now }: RevocationDeps, entries: Revoked[]): Promise<boolean> {
  const [first, ...rest] = entries.map(({ id, atMs }) => ({ score: atMs, member: id }));
  if (first === undefined) return true;
  const written = await redis.attempt((client) =>
    client.pipeline().zadd(redisKey, first, ...rest).zremrangebyscore(redisKey, 0, now() - keepMs)
      .exec()
  );
  return written !== undefined;
}

function pairs(flat: string[]): Revoked[] {
  const entries: Revoked[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    entries.push({ id: String(flat[at]), atMs: Number(flat[at + 1]) });
  }
  return entries;
}
