import { readConfig } from "../../../config.ts";
import { startRedis } from "../../../dev/redis/mod.ts";
import { openDatabase } from "../../../lib/database.ts";
import { uuidv7Maker } from "../../../lib/ids.ts";
import { silentLog } from "../../../lib/log.ts";
import { createMemoryCache } from "../../../lib/memory_cache.ts";
import { systemRandom } from "../../../lib/random.ts";
import { openRedis } from "../../../lib/redis.ts";
import { createKeyRing, type KeyRing, registerPerson } from "../../../services/auth/mod.ts";
import { type Actor, asSystem, type Needs } from "../../../services/ctx.ts";
import { cloneDatabase } from "../../support/database.ts";
import { type Inspector, openInspector } from "../../support/inspector.ts";
import { testAppSecret } from "../../support/signing_keys.ts";

/** What the verbs of auth reach. */
export type AuthCtx = Needs<
  | "actor"
  | "database"
  | "keys"
  | "log"
  | "memory"
  | "newId"
  | "now"
  | "origin"
  | "queue"
  | "requestId"
  | "settings"
>;

/** Everything that auth stands on, real; the clock can be moved, and Redis can be made to fail. */
export interface AuthWorld {
  ctx: AuthCtx;
  inspect: Inspector;
  redis: Awaited<ReturnType<typeof startRedis>>;
  databaseUrl: string;
  /** Another process of the same product. */
  isolate(): AuthCtx;
  advance(elapsedMs: number): void;
}

// A password's real cost is tried once, in the tests of passwords.
const cheap = { memoryKib: 64, passes: 1, lanes: 1 };
export const password = "correct horse battery staple";

/** Runs `work` in a world of its own and takes it down. */
export async function withAuth(
  work: (world: AuthWorld) => Promise<void>,
  env: Record<string, string> = {},
): Promise<void> {
  const database = await cloneDatabase();
  const redis = await startRedis();
  const inspect = openInspector(database.url);
  const closing: (() => Promise<void>)[] = [];
  let movedMs = 0;
  const isolate = () => {
    const { ctx, close } = openIsolate(database.url, redis, () => Date.now() + movedMs, env);
    closing.push(close);
    return ctx;
  };
  try {
    await work({
      ctx: isolate(),
      inspect,
      redis,
      databaseUrl: database.url,
      isolate,
      advance: (elapsedMs) => void (movedMs += elapsedMs),
    });
  } finally {
    redis.setFault(null);
    for (const close of closing) await close();
    await inspect.close();
    await redis.stop();
    await database.drop();
  }
}

function openIsolate(
  databaseUrl: string,
  { url, token }: { url: string; token: string },
  now: () => number,
  env: Record<string, string>,
) {
  const log = silentLog;
  const deadlines = { deadlineMs: 10_000, systemDeadlineMs: 10_000 };
  const database = openDatabase({ url: databaseUrl, poolMax: 4, prepare: true, log, ...deadlines });
  const settings = readConfig((name) => env[name] ?? environment[name]);
  const redis = openRedis({ url, token, deadlineMs: settings.redisDeadlineMs, now, log });
  const keys: KeyRing = createKeyRing({
    settings,
    database,
    redis,
    log,
    now,
    random: systemRandom,
    passwordCost: cheap,
  });
  const ctx: AuthCtx = {
    actor: { kind: "anonymous" },
    requestId: "test-request",
    origin: { address: "192.0.2.7", userAgent: "tests" },
    queue: {
      publish: (messages) => Promise.resolve(messages.map(() => null)),
      reach: () => Promise.resolve(),
      nudge() {},
    },
    memory: createMemoryCache(now, 1_000),
    newId: uuidv7Maker(now, systemRandom),
    database,
    keys,
    log,
    now,
    settings,
  };
  const close = async () => {
    await keys.close();
    await database.close();
  };
  return { ctx, close };
}

const environment: Record<string, string> = {
  PUBLIC_URL: "https://api.example.com",
  APP_SECRET: testAppSecret,
  LIMIT_SIGN_IN: "1000/900",
  DATABASE_URL: "postgres://unused",
  UPSTASH_REDIS_REST_URL: "http://127.0.0.1:9",
  UPSTASH_REDIS_REST_TOKEN: "unused",
  QSTASH_TOKEN: "unused",
  QSTASH_CURRENT_SIGNING_KEY: "unused",
  QSTASH_NEXT_SIGNING_KEY: "unused",
};

/** The same process on behalf of somebody. */
export function as(ctx: AuthCtx, actor: Actor): AuthCtx {
  return { ...ctx, actor };
}

export const system = (ctx: AuthCtx): AuthCtx => asSystem(ctx, "test");

/** Registers somebody with the password above. */
export async function register(ctx: AuthCtx, email = "ada@example.com", name = "Ada Lovelace") {
  return await registerPerson(ctx, { email, password, name });
}

/** How often something of the audit log happened. */
export async function auditCount({ sql }: Inspector, action: string): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from audit_log where action = ${action}`;
  return row?.count ?? 0;
}

/** Runs a command in Redis behind the app's back. */
export async function command({ url, token }: AuthWorld["redis"], parts: (string | number)[]) {
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(parts),
  });
  return String((await response.json()).result);
}
