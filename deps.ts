import type { Settings } from "./config.ts";
import { openDatabase } from "./lib/database.ts";
import { uuidv7Maker } from "./lib/ids.ts";
import { createLiveBus } from "./lib/live_bus.ts";
import { createLog, type Log } from "./lib/log.ts";
import { createMemoryCache } from "./lib/memory_cache.ts";
import { type RandomBytes, systemRandom } from "./lib/random.ts";
import { openRedis } from "./lib/redis.ts";
import { type Clock, systemClock } from "./lib/time.ts";
import { createKeyRing } from "./services/auth/mod.ts";
import type { Ctx, Origin } from "./services/ctx.ts";
import { createNudge, publishOutbox } from "./services/jobs/mod.ts";
import { createQstashQueue, createVerifier } from "./services/jobs/providers/qstash/mod.ts";
import { createQuoteProviders } from "./services/market_data/providers/mod.ts";
import { createMailProviders } from "./services/notifications/providers/mod.ts";
import { policyOf } from "./workers/mod.ts";

/** What a test may put in place of the world. */
export interface World {
  now?: Clock;
  random?: RandomBytes;
  fetch?: typeof fetch;
  log?: Log;
}

/** Everything that the app reaches outside of itself, opened but not yet connected. */
export interface Deps {
  settings: Settings;
  log: Log;
  context(requestId: string, origin: Origin): Ctx;
  verifyDelivery(signature: string, body: string, url: string): Promise<boolean>;
  /** Does in the background what the first request would otherwise wait for. */
  prepare(): void;
  /** Ends live streams and whatever else waits, so that the server can end. */
  leave(): void;
  close(): Promise<void>;
}

const memoryEntriesMax = 50_000;
const nowhere: Origin = { address: "", userAgent: "" };

/** Opens every adapter; the only file that knows them all. Nothing connects before it is used. */
export function openDeps(settings: Settings, world: World = {}): Deps {
  const now = world.now ?? systemClock;
  const random = world.random ?? systemRandom;
  const log = world.log ?? createLog({ level: settings.logLevel, format: settings.logFormat, now });
  const newId = uuidv7Maker(now, random);
  const memory = createMemoryCache(now, memoryEntriesMax);
  const stopping = new AbortController();
  const { database, redis } = openStores(settings, log, now);
  const live = createLiveBus(redis, log);
  const qstash = createQstashQueue(
    { url: settings.qstashUrl, token: settings.qstashToken, publicUrl: settings.publicUrl },
    policyOf,
  );
  const nudge = createNudge(() => publishOutbox(context("outbox", nowhere)), log);
  const vendorWorld = { now, log, fetch: world.fetch ?? fetch };
  const shared = {
    signal: stopping.signal,
    log,
    now,
    newId,
    random,
    database,
    redis,
    memory,
    live,
    queue: { ...qstash, nudge },
    keys: createKeyRing({ settings, database, redis, now, random, log }),
    vendors: {
      mail: createMailProviders(settings, vendorWorld),
      quotes: createQuoteProviders(settings, vendorWorld),
    },
    settings,
  };
  const context = (requestId: string, origin: Origin): Ctx => ({
    actor: { kind: "anonymous" },
    requestId,
    origin,
    ...shared,
  });

  return {
    settings,
    log,
    context,
    verifyDelivery: createVerifier({
      current: settings.qstashCurrentSigningKey,
      next: settings.qstashNextSigningKey,
    }),
    prepare() {
      shared.keys.prepare().catch((error) => log.warn("signing keys not ready", { error }));
    },
    leave: () => stopping.abort(),
    async close() {
      stopping.abort();
      live.close();
      await shared.keys.close();
      await database.close();
      log.flush();
    },
  };
}

function openStores(settings: Settings, log: Log, now: Clock) {
  const database = openDatabase({
    url: settings.databaseUrl.reveal(),
    poolMax: settings.databasePoolMax,
    prepare: settings.databasePrepare,
    deadlineMs: settings.databaseDeadlineMs,
    systemDeadlineMs: settings.databaseDeadlineMs * 10,
    log,
  });
  const redis = openRedis({
    url: settings.redisUrl,
    token: settings.redisToken.reveal(),
    deadlineMs: settings.redisDeadlineMs,
    now,
    log,
  });
  return { database, redis };
}
