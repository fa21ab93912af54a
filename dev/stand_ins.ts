import { startQStash } from "./qstash/mod.ts";
import { startRedis } from "./redis/mod.ts";
import { startSendGrid } from "./vendors/sendgrid.ts";
import { startYahoo } from "./vendors/yahoo.ts";

/** Everything outside of the product but Postgres, on loopback; each speaks the wire format of the real one. */
export interface StandIns {
  redis: Awaited<ReturnType<typeof startRedis>>;
  qstash: Awaited<ReturnType<typeof startQStash>>;
  sendgrid: Awaited<ReturnType<typeof startSendGrid>>;
  yahoo: Awaited<ReturnType<typeof startYahoo>>;
  stop(): Promise<void>;
}

export interface StandInOptions {
  /** A real Redis behind the REST protocol. */
  redisUrl?: string;
  /** Where the app will listen: signed receipts of mails go there. */
  appUrl: string;
  /** A test's own clock, by which messages fall due. */
  now?: () => number;
}

export async function startStandIns(options: StandInOptions): Promise<StandIns> {
  const { redisUrl, appUrl, now } = options;
  const [redis, qstash, sendgrid, yahoo] = await Promise.all([
    startRedis({ redisUrl }),
    startQStash({ now }),
    startSendGrid({ webhookUrl: `${appUrl}/webhooks/sendgrid` }),
    startYahoo({}),
  ]);
  return {
    redis,
    qstash,
    sendgrid,
    yahoo,
    async stop() {
      await Promise.all([qstash.stop(), sendgrid.stop(), yahoo.stop(), redis.stop()]);
    },
  };
}

export interface Surroundings {
  standIns: StandIns;
  databaseUrl: string;
  appUrl: string;
  port: number;
  appSecret: string;
}

/** The environment in which the app finds the stand-ins: the same settings that point it at the real ones. */
export function environmentFor(given: Surroundings): Record<string, string> {
  const { redis, qstash, sendgrid, yahoo } = given.standIns;
  return {
    HOST: "127.0.0.1",
    PORT: String(given.port),
    PUBLIC_URL: given.appUrl,
    APP_SECRET: given.appSecret,
    LOG_FORMAT: "text",
    DATABASE_URL: given.databaseUrl,
    UPSTASH_REDIS_REST_URL: redis.url,
    UPSTASH_REDIS_REST_TOKEN: redis.token,
    QSTASH_URL: qstash.url,
    QSTASH_TOKEN: qstash.token,
    QSTASH_CURRENT_SIGNING_KEY: qstash.currentSigningKey,
    QSTASH_NEXT_SIGNING_KEY: qstash.nextSigningKey,
    MARKET_PROVIDERS: "demo,yahoo",
    YAHOO_URL: yahoo.url,
    ALERT_SWEEP_SECONDS: "5",
    SENDGRID_URL: sendgrid.url,
    SENDGRID_API_KEY: sendgrid.apiKey,
    SENDGRID_WEBHOOK_PUBLIC_KEY: sendgrid.publicKey,
  };
}
