import type { Settings } from "./config.ts";
import { openDatabase } from "./lib/database.ts";
import { uuidv7Maker } from "./lib/ids.ts";
import { createLiveBus } from "./lib/live_bus.ts";
import { createLog, type Log } from "./lib/log.ts";
import { createMemoryCache } from "./lib/memory_cache.ts";
import { type RandomBytes, systemRandom } from "./lib/random.ts";
import { watchEventLoop } from "./lib/process_metrics.ts";
import { openRedis } from "./lib/redis.ts";
import { type Clock, systemClock } from "./lib/time.ts";
import { createKeyRing } from "./services/auth/hot.ts";
import type { Ctx, Origin, Vendors } from "./services/ctx.ts";
import { createNudge, type Queue } from "./services/jobs/hot.ts";
import type { ProviderWorld } from "./services/market_data/providers/mod.ts";
import { createLimits, type Limits } from "./services/limits.ts";

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
  limits: Limits;
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
  const queue = openQueue(settings, log, () => context("outbox", nowhere));
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
    queue,
    keys: createKeyRing({ settings, database, redis, now, random, log }),
    vendors: openVendors(settings, { now, log, fetch: world.fetch ?? fetch }),
    settings,
  };
  const context = (requestId: string, origin: Origin): Ctx => ({
    actor: { kind: "anonymous" },
    requestId,
    origin,
    ...shared,
  });

  let endWatch = () => {};
  const limits = createLimits(shared);

  return {
    settings,
    log,
    context,
    verifyDelivery: openVerifier(settings),
    limits,
    prepare() {
      endWatch = watchEventLoop();
      shared.keys.prepare().catch((error) => log.warn("signing keys not ready", { error }));
    },
    leave: () => stopping.abort(),
    async close() {
      stopping.abort();
      endWatch();
      live.close();
      await limits.close();
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

/** QStash, and the jobs that it may carry, loaded with the first message. */
function openQueue(settings: Settings, log: Log, context: () => Ctx): Queue {
  const load = once(async () => {
    const [{ createQstashQueue }, { publishOutbox }, { policyOf }] = await Promise.all([
      import("./services/jobs/providers/qstash/mod.ts"),
      import("./services/jobs/mod.ts"),
      import("./workers/mod.ts"),
    ]);
    const { qstashUrl, qstashToken, publicUrl } = settings;
    const qstash = createQstashQueue({ url: qstashUrl, token: qstashToken, publicUrl }, policyOf);
    return { ...qstash, publishOutbox };
  });
  return {
    publish: async (messages) => (await load()).publish(messages),
    nudge: createNudge(async () => await (await load()).publishOutbox(context()), log),
  };
}

function openVerifier(settings: Settings): Deps["verifyDelivery"] {
  const load = once(async () => {
    const { createVerifier } = await import("./services/jobs/providers/qstash/mod.ts");
    const { qstashCurrentSigningKey: current, qstashNextSigningKey: next } = settings;
    return createVerifier({ current, next });
  });
  return async (signature, body, url) => (await load())(signature, body, url);
}

function openVendors(settings: Settings, world: ProviderWorld): Vendors {
  return {
    mail: once(async () => {
      const { createMailProviders } = await import("./services/notifications/providers/mod.ts");
      return createMailProviders(settings, world);
    }),
    quotes: once(async () => {
      const { createQuoteProviders } = await import("./services/market_data/providers/mod.ts");
      return createQuoteProviders(settings, world);
    }),
  };
}

/** Loads at the first call, once; a load that failed is tried again by the next. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => {
    loading ??= load().catch((error) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}
