import assert from "node:assert/strict";
import { environmentFor, startStandIns } from "../dev/stand_ins.ts";
import { cloneDatabase } from "./support/database.ts";
import { type Inspector, openInspector } from "./support/inspector.ts";
import { pollUntil } from "./support/poll.ts";
import { startServer } from "./support/server_process.ts";
import { testAppSecret } from "./support/signing_keys.ts";

interface Server {
  url: string;
  process: Deno.ChildProcess;
  inspect: Inspector;
  /** Sends SIGTERM and answers how the process ended, and after how long. */
  terminate(): Promise<{ code: number; tookMs: number }>;
}

/** Runs `work` with the server as it is deployed. */
async function withServer(work: (server: Server) => Promise<void>): Promise<void> {
  const database = await cloneDatabase();
  const appUrl = "https://api.example.com";
  const standIns = await startStandIns({ appUrl });
  const given = { standIns, databaseUrl: database.url, appUrl, port: 0 };
  const server = await startServer({
    ...environmentFor({ ...given, appSecret: testAppSecret }),
    LOG_FORMAT: "json",
  });
  const { url, process } = server;
  const inspect = openInspector(database.url);
  try {
    await work({
      url,
      process,
      inspect,
      async terminate() {
        const startedMs = performance.now();
        process.kill("SIGTERM");
        const { code } = await process.status;
        return { code, tookMs: performance.now() - startedMs };
      },
    });
  } finally {
    await server.kill();
    await standIns.stop();
    await inspect.close();
    await database.drop();
  }
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok ?? false;
}

const login = (url: string) =>
  fetch(`${url}/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: "ada@example.com", password: "whatever it is" }),
  });

Deno.test("a server that is told to end answers what it has taken, takes nothing new, and ends well", async () => {
  await withServer(async ({ url, terminate }) => {
    // Each of these costs a fifth of a second of computing.
    const asked = [login(url), login(url), login(url)];
    await pollUntil("the server to be at it", () => answers(`${url}/readyz`));
    const { code, tookMs } = await terminate();
    const statuses = (await Promise.all(asked)).map((response) => {
      void response.body?.cancel();
      return response.status;
    });
    assert.deepEqual(statuses, [401, 401, 401]);
    assert.equal(code, 0);
    assert.ok(tookMs < 5_000, `${tookMs} ms`);
    assert.equal(await answers(`${url}/healthz`), false);
  });
});

Deno.test("an open stream does not keep a server from ending", async () => {
  await withServer(async ({ url, terminate }) => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/v1/stream`);
    const closed = Promise.withResolvers<void>();
    socket.onclose = () => closed.resolve();
    await new Promise((resolve) => socket.onopen = resolve);
    const { code, tookMs } = await terminate();
    assert.equal(code, 0);
    assert.ok(tookMs < 3_000, `${tookMs} ms`);
    await closed.promise;
  });
});

Deno.test("a server notes that it has started, with what matters of its settings and no secret, and that it was told to end", async () => {
  await withServer(async ({ inspect, terminate }) => {
    const events = () =>
      inspect.sql<{ kind: string; details: Record<string, unknown> }[]>`
        select kind, details from system_events order by at, id`;
    await pollUntil("the start to be noted", async () => (await events()).length === 1);
    await terminate();
    const [started, stopped, ...others] = await events();
    assert.deepEqual([started?.kind, stopped?.kind, others], [
      "process_started",
      "process_stopped",
      [],
    ]);
    assert.equal(started?.details.deno, Deno.version.deno);
    assert.equal(started?.details.databasePoolMax, 20);
    assert.doesNotMatch(JSON.stringify(started), /postgres:|http|secret|token|@/i);
  });
});
