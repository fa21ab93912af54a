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
import {
  createRecorder,
  processStarted,
  processStopped,
  recordedLog,
  type RecorderOptions,
} from "./services/ops/hot.ts";

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
  const newId = uuidv7Maker(now, random);
  const { log, recorder } = openLog(settings, world, { now, newId, database: () => database });
  let startedMs: number | undefined;
  const memory = createMemoryCache(now, memoryEntriesMax);
  const stopping = new AbortController();
  const { database, redis } = openStores(settings, log, now);
  const live = createLiveBus(redis, log);
  const queue = openQueue(settings, world, log, () => context("outbox", nowhere));
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
      startedMs ??= now();
      log.event(processStarted(settings));
      shared.keys.prepare().catch((error) => log.warn("signing keys not ready", { error }));
    },
    leave: () => stopping.abort(),
    async close() {
      stopping.abort();
      endWatch();
      live.close();
      if (startedMs !== undefined) log.event(processStopped(now() - startedMs));
      await limits.close();
      await shared.keys.close();
      await recorder.close();
      await database.close();
      log.flush();
    },
  };
}

/** The log, and what keeps its events and errors: that writes to the database, which logs itself. */
function openLog(
  settings: Settings,
  world: World,
  given: Pick<RecorderOptions, "now" | "newId" | "database">,
) {
  const plain = world.log ??
    createLog({ level: settings.logLevel, format: settings.logFormat, now: given.now });
  const recorder = createRecorder({ ...given, log: plain });
  return { log: recordedLog(plain, recorder), recorder };
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
    onSlow: () => database.warm(),
  });
  return { database, redis };
}

/** QStash, and the jobs that it may carry, loaded with the first message. */
function openQueue(settings: Settings, world: World, log: Log, context: () => Ctx): Queue {
  const load = once(async () => {
    const [{ createQstashQueue }, { publishOutbox }, { policyOf }] = await Promise.all([
      import("./services/jobs/providers/qstash/mod.ts"),
      import("./services/jobs/mod.ts"),
      import("./workers/mod.ts"),
    ]);
    const { qstashUrl, qstashToken, publicUrl } = settings;
    const service = { url: qstashUrl, token: qstashToken, publicUrl };
    const qstash = createQstashQueue(service, policyOf, world.fetch ?? fetch);
    return { ...qstash, publishOutbox };
  });
  return {
    publish: async (messages) => (await load()).publish(messages),
    reach: async () => await (await load()).reach(),
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
