import assert from "node:assert/strict";
import { environmentFor, startStandIns } from "../dev/stand_ins.ts";
import { cloneDatabase } from "./support/database.ts";
import { pollUntil } from "./support/poll.ts";
import { testAppSecret } from "./support/signing_keys.ts";

interface Server {
  url: string;
  process: Deno.ChildProcess;
  /** Sends SIGTERM and answers how the process ended, and after how long. */
  terminate(): Promise<{ code: number; tookMs: number }>;
}

/** Runs `work` with the server as it is deployed: a process of its own, with no more permissions than its task. */
async function withServer(work: (server: Server) => Promise<void>): Promise<void> {
  const database = await cloneDatabase();
  const appUrl = "https://api.example.com";
  const standIns = await startStandIns({ appUrl });
  const given = { standIns, databaseUrl: database.url, appUrl, port: 0 };
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-P=server", "--quiet", "--no-prompt", "main.ts"],
    env: {
      ...environmentFor({ ...given, appSecret: testAppSecret }),
      LOG_FORMAT: "json",
    },
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let over = false;
  process.status.then(() => over = true);
  try {
    const url = await listeningUrl(process.stdout);
    await work({
      url,
      process,
      async terminate() {
        const startedMs = performance.now();
        process.kill("SIGTERM");
        const { code } = await process.status;
        return { code, tookMs: performance.now() - startedMs };
      },
    });
  } finally {
    if (!over) process.kill("SIGKILL");
    await process.status;
    await standIns.stop();
    await database.drop();
  }
}

/** Reads what the server says of itself until it says where it listens, and lets it go on talking. */
async function listeningUrl(stdout: ReadableStream<Uint8Array>): Promise<string> {
  const found = Promise.withResolvers<string>();
  let said = "";
  void stdout.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write(text) {
        said += text;
        const [, url] = /"message":"listening","url":"([^"]+)"/.exec(said) ?? [];
        if (url) found.resolve(url);
      },
      close: () => found.reject(new Error(`it ended: ${said}`)),
    }),
  );
  return await found.promise;
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
