import assert from "node:assert/strict";
import { type Fault } from "../../dev/redis/faults.ts";
import { type RedisStandIn, startRedis } from "../../dev/redis/mod.ts";
import { isFailure } from "../../lib/errors.ts";
import { createLog, silentLog } from "../../lib/log.ts";
import { openRedis, type RedisStore } from "../../lib/redis.ts";
import { startRawServer } from "../support/raw_server.ts";

const deadlineMs = 150;
// What a slow machine may add to a deadline.
const slackMs = 1_000;

interface World {
  standIn: RedisStandIn;
  redis: RedisStore;
  at(ms: number): void;
}

async function withRedis(work: (world: World) => Promise<void>): Promise<void> {
  const standIn = await startRedis();
  let nowMs = 0;
  const { url, token } = standIn;
  const redis = openRedis({ url, token, deadlineMs, now: () => nowMs, log: silentLog });
  try {
    await work({ standIn, redis, at: (ms) => nowMs = ms });
  } finally {
    standIn.setFault(null);
    await standIn.stop();
  }
}

const isUnavailable = (error: unknown) => isFailure(error, "unavailable");
const get = (redis: RedisStore) => redis.call((client) => client.get("key"));

async function elapsedMs(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

Deno.test("values come back from Redis as the text that was put there", async () => {
  await withRedis(async ({ redis }) => {
    for (const text of ['{"a":1}', "12", "true", "null", "grüße 👋", "line\nbreak", ""]) {
      await redis.call((client) => client.set("key", text));
      assert.equal(await get(redis), text);
    }
    assert.equal(await redis.attempt((client) => client.get("none")), null);
  });
});

const faults: Fault[] = [
  { kind: "refuse" },
  { kind: "black_hole" },
  { kind: "error" },
  { kind: "truncate" },
  { kind: "status", status: 429 },
  { kind: "status", status: 502 },
];

for (const fault of faults) {
  const what = `${fault.kind} ${fault.status ?? ""}`.trim();
  Deno.test(`a call fails as unavailable within its deadline, and an attempt answers undefined (${what})`, async () => {
    await withRedis(async ({ standIn, redis }) => {
      await redis.call((client) => client.set("key", "value"));
      standIn.setFault(fault);
      const tookMs = await elapsedMs(() => assert.rejects(get(redis), isUnavailable));
      assert.ok(tookMs < deadlineMs + slackMs, `${tookMs} ms`);
      assert.equal(await redis.attempt((client) => client.get("key")), undefined);
    });
  });
}

Deno.test("the deadline is for the whole call, however many commands it makes one after the other", async () => {
  let answered = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async () => {
    const slow = Promise.withResolvers<void>();
    setTimeout(() => slow.resolve(), deadlineMs * 0.6);
    await slow.promise;
    answered++;
    // A pipeline of one: the SDK gathers what is asked in one turn.
    return Response.json([{ result: "b2s=" }]);
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  const redis = openRedis({ url, token: "t", deadlineMs, now: () => 0, log: silentLog });
  assert.equal(await redis.call((client) => client.get("key")), "ok");
  answered = 0;
  const calling = redis.call(async (client) => {
    for (let time = 0; time < 4; time++) await client.get("key");
  });
  const tookMs = await elapsedMs(() => assert.rejects(calling, isUnavailable));
  assert.ok(tookMs < deadlineMs * 2, `${tookMs} ms`);
  assert.ok(answered < 4);
  await server.shutdown();
});

Deno.test("a command is sent once: nothing is repeated where the connection broke after it was sent", async () => {
  await using server = startRawServer(() => new Promise(() => {}));
  await using broken = startRawServer(() => Promise.resolve());
  for (
    const [url, requests] of [[server.url, server.requests], [broken.url, broken.requests]] as const
  ) {
    const redis = openRedis({ url, token: "t", deadlineMs, now: () => 0, log: silentLog });
    await assert.rejects(redis.call((client) => client.incr("count")), isUnavailable);
    assert.equal(requests.length, 1);
  }
});

Deno.test("after three failures nobody waits for Redis any more, and one call after two seconds finds out whether it is back", async () => {
  await withRedis(async ({ standIn, redis, at }) => {
    standIn.setFault({ kind: "status", status: 503 });
    for (let time = 0; time < 3; time++) await assert.rejects(get(redis), isUnavailable);
    const asked = standIn.requests();
    for (let time = 0; time < 50; time++) await assert.rejects(get(redis), isUnavailable);
    assert.equal(standIn.requests(), asked);
    at(2_000);
    await assert.rejects(get(redis), isUnavailable);
    await assert.rejects(get(redis), isUnavailable);
    assert.equal(standIn.requests(), asked + 1);
    standIn.setFault(null);
    at(4_000);
    assert.equal(await get(redis), null);
    assert.equal(await get(redis), null);
  });
});

Deno.test("neither an error nor the log repeats what was to be kept", async () => {
  const lines: string[] = [];
  const log = createLog({
    level: "debug",
    format: "json",
    now: Date.now,
    write: (text) => lines.push(text),
  });
  await withRedis(async ({ standIn, redis }) => {
    for (const kind of ["error", "status"] as const) {
      standIn.setFault({ kind });
      const setting = redis.call((client) => client.set("preferences:1", "ada@example.com"));
      log.error("failed", { error: await setting.catch((error) => error) });
    }
  });
  assert.equal(lines.length, 2);
  assert.match(lines.join(), /a fault is set/);
  assert.ok(!lines.join().includes("ada@example.com"), lines.join());
});
