import { readConfig } from "../../../config.ts";
import { startRedis } from "../../../dev/redis/mod.ts";
import { type RunningYahoo, startYahoo } from "../../../dev/vendors/yahoo.ts";
import { createLog } from "../../../lib/log.ts";
import { createMemoryCache } from "../../../lib/memory_cache.ts";
import { openRedis } from "../../../lib/redis.ts";
import type { Actor, Needs } from "../../../services/ctx.ts";
import { createQuoteProviders } from "../../../services/market_data/providers/mod.ts";

/** What the verbs of market data reach. */
export type MarketCtx = Needs<
  "actor" | "log" | "memory" | "now" | "redis" | "requestId" | "vendors"
>;

export interface MarketWorld {
  ctx: MarketCtx;
  redis: Awaited<ReturnType<typeof startRedis>>;
  yahoo: RunningYahoo;
  /** How often Yahoo was asked so far. */
  asked(): number;
  /** What was logged at warn and above. */
  logged: string[];
  setTime(instant: string): void;
  pass(elapsedMs: number): void;
  /** Another isolate: the same Redis and vendors, a memory and circuits of its own. */
  another(): MarketCtx;
}

export interface MarketWorldOptions {
  providers?: string;
  /** Where the clock stands at first: by default a Friday, half an hour after New York opened. */
  time?: string;
}

export const reader: Actor = {
  kind: "person",
  userId: "01900000-0000-7000-8000-000000000001",
  sessionId: "01900000-0000-7000-8000-000000000002",
  role: "viewer",
  permissions: new Set(["quotes:read"]),
  expiresAtMs: Infinity,
};

/** The real providers and Redis client over stand-ins of their own, with a clock that moves when told to. */
export async function withMarket(
  options: MarketWorldOptions,
  work: (world: MarketWorld) => Promise<void>,
): Promise<void> {
  const { providers = "yahoo", time = "2026-11-20T15:00:00.000Z" } = options;
  let nowMs = Date.parse(time);
  const now = () => nowMs;
  const [redis, yahoo] = await Promise.all([startRedis(), startYahoo({ now })]);
  const settings = readConfig((name) => environment({ providers, redis, yahoo })[name]);
  const logged: string[] = [];
  const log = createLog({ level: "warn", format: "json", now, write: (text) => logged.push(text) });
  const another = (): MarketCtx => {
    const quotes = createQuoteProviders(settings, {
      now,
      log,
      fetch: (url, init) => fetch(url, init),
    });
    return {
      actor: reader,
      requestId: "test-request",
      log,
      now,
      memory: createMemoryCache(now, 10_000),
      redis: openRedis({
        url: settings.redisUrl,
        token: settings.redisToken.reveal(),
        deadlineMs: 250,
        now,
        log,
      }),
      vendors: {
        mail: () => Promise.resolve([]),
        quotes: () => Promise.resolve(quotes),
      },
    };
  };
  try {
    await work({
      ctx: another(),
      redis,
      yahoo,
      asked: () => yahoo.requests().length,
      logged,
      setTime: (instant) => nowMs = Date.parse(instant),
      pass: (elapsedMs) => nowMs += elapsedMs,
      another,
    });
  } finally {
    log.flush();
    await Promise.all([redis.stop(), yahoo.stop()]);
  }
}

function environment(
  { providers, redis, yahoo }: Pick<MarketWorld, "redis" | "yahoo"> & { providers: string },
): Record<string, string> {
  return {
    PUBLIC_URL: "http://127.0.0.1",
    APP_SECRET: "dGVzdC1zZWNyZXQtdGVzdC1zZWNyZXQtdGVzdC1zZWNyZXQ=",
    DATABASE_URL: "postgres://nobody@127.0.0.1/nothing",
    UPSTASH_REDIS_REST_URL: redis.url,
    UPSTASH_REDIS_REST_TOKEN: redis.token,
    QSTASH_TOKEN: "token",
    QSTASH_CURRENT_SIGNING_KEY: "key",
    QSTASH_NEXT_SIGNING_KEY: "key",
    MARKET_PROVIDERS: providers,
    YAHOO_URL: yahoo.url,
  };
}
