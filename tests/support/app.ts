import { readConfig, settings } from "../../config.ts";
import { type Deps, openDeps, type World } from "../../deps.ts";
import { environmentFor, type StandIns, startStandIns } from "../../dev/stand_ins.ts";
import { createLog } from "../../lib/log.ts";
import { secondMs } from "../../lib/time.ts";
import { assemble } from "../../main.ts";
import { cloneDatabase, type TestDatabase } from "./database.ts";
import { type Inspector, openInspector } from "./inspector.ts";
import { pollUntil } from "./poll.ts";
import { testAppSecret } from "./signing_keys.ts";

export interface SignedUp {
  userId: string;
  email: string;
  token: string;
  refreshToken: string;
}

/** The real app over a database of its own, listening on loopback, with every stand-in of its own. */
export interface TestApp {
  url: string;
  deps: Deps;
  standIns: StandIns;
  /** SQL past every wall, for looking and for arranging. */
  inspect: Inspector;
  /** What the app logged at warn and above, one JSON line each. */
  logged: string[];
  request(path: string, init?: RequestInit & { token?: string; json?: unknown }): Promise<Response>;
  signUp(name?: string): Promise<SignedUp>;
  /** Waits until no job waits or runs; not-yet-due ones do not count. */
  settle(): Promise<void>;
  /** Another isolate of the same product: same database and Redis, memory of its own; settings where they differ. */
  another(
    env?: Record<string, string>,
  ): { deps: Deps; fetch: (request: Request) => Promise<Response> };
}

export interface TestAppOptions {
  world?: World;
  env?: Record<string, string>;
  /** A database on another server than that of the test run. */
  database?: () => Promise<TestDatabase>;
  /** The address at which the app finds its database, for example by way of a proxy. */
  reach?: (databaseUrl: string) => string;
}

/** Starts an app, runs `work`, stops everything, and fails if a job was left undone. */
export async function withApp(work: (app: TestApp) => Promise<void>, options: TestAppOptions = {}) {
  const app = await startTestApp(options);
  try {
    await work(app);
    await app.settle();
  } finally {
    await app.stop();
  }
}

async function startTestApp(options: TestAppOptions): Promise<TestApp & { stop(): Promise<void> }> {
  const database = await (options.database ?? cloneDatabase)();
  // Listens first, since a port that was only asked for can be somebody else's by the time that it is used.
  let handle: ReturnType<typeof assemble> = () => new Response(null, { status: 503 });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request, info) => handle(request, info),
  );
  const { port } = server.addr;
  const url = `http://127.0.0.1:${port}`;
  const standIns = await startStandIns({ appUrl: url, now: options.world?.now });
  const env: Record<string, string> = {
    ...environmentFor({
      standIns,
      databaseUrl: options.reach?.(database.url) ?? database.url,
      appUrl: url,
      port,
      appSecret: testAppSecret,
    }),
    DATABASE_POOL_MAX: "5",
    DATABASE_DEADLINE_MS: "10000",
    REDIS_DEADLINE_MS: "1000",
    ...generousLimits,
    ...options.env,
  };
  const logged: string[] = [];
  const log = createLog({
    level: "warn",
    format: "json",
    now: Date.now,
    write: (text) => logged.push(text),
  });
  const opened: Deps[] = [];
  const open = (changes: Record<string, string> = {}) => {
    const deps = openDeps(readConfig((name) => changes[name] ?? env[name]), {
      log,
      ...options.world,
    });
    opened.push(deps);
    return deps;
  };
  const deps = open();
  handle = assemble(deps);
  const inspect = openInspector(database.url);
  const request = requester(url);
  return {
    url,
    deps,
    standIns,
    inspect,
    logged,
    request,
    signUp: (name = "alex") => signUp(request, name),
    settle: () => settle({ standIns, inspect, now: options.world?.now }),
    another(changes) {
      const other = open(changes);
      const handle = assemble(other);
      return { deps: other, fetch: async (request) => await handle(request) };
    },
    async stop() {
      await server.shutdown();
      for (const one of opened) await one.close();
      await standIns.stop();
      await inspect.close();
      await database.drop();
    },
  };
}

function requester(url: string): TestApp["request"] {
  return (path, { token, json, headers, ...init } = {}) =>
    fetch(`${url}${path}`, {
      ...init,
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      headers: {
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...headers as Record<string, string>,
      },
    });
}

interface Settling {
  standIns: StandIns;
  inspect: Inspector;
  now?: () => number;
}

async function settle({ standIns: { qstash }, inspect, now }: Settling): Promise<void> {
  await pollUntil("every job to be done", async () => {
    // The test's clock may have moved since a message was given a time.
    qstash.wake();
    await qstash.idle();
    return await inspect.waitingJobs() === 0 && undone(qstash, now).length === 0;
  });
}

/**
 * Messages on their way, or to be tried again. What was asked for at a later moment is in order, unless that is within
 * the second by which QStash rounds up.
 */
function undone(qstash: StandIns["qstash"], now?: () => number) {
  const untilMs = now?.() ?? Date.now() + secondMs;
  return qstash.messages().filter(({ finishedMs, state, nextAttemptMs = 0 }) =>
    finishedMs === undefined && !(state === "CREATED" && nextAttemptMs > untilMs)
  );
}

/** What a test asks in a moment, people ask in a day. Tests of the limits set their own. */
const generousLimits = Object.fromEntries(
  Object.values(settings).flatMap(({ name }) =>
    name.startsWith("LIMIT_") ? [[name, "1000000/60"]] : []
  ),
);

const password = "a-fine-long-passphrase";
let people = 0;

async function signUp(request: TestApp["request"], name: string): Promise<SignedUp> {
  const email = `${name}.${++people}@example.com`;
  const registered = await request("/v1/auth/register", {
    method: "POST",
    json: { email, password, name: "Alex Example" },
  });
  if (registered.status !== 201) {
    throw new Error(`register: ${registered.status} ${await registered.text()}`);
  }
  await registered.body?.cancel();
  const response = await request("/v1/auth/login", { method: "POST", json: { email, password } });
  if (response.status !== 200) {
    throw new Error(`login: ${response.status} ${await response.text()}`);
  }
  const tokens = await response.json();
  return {
    email,
    userId: tokens.user.id,
    token: tokens.accessToken,
    refreshToken: tokens.refreshToken,
  };
}
