import assert from "node:assert/strict";
import { type Fault } from "../../dev/redis/faults.ts";
import { type RedisStandIn, startRedis } from "../../dev/redis/mod.ts";
import { isFailure } from "../../lib/errors.ts";
import { createLog, silentLog } from "../../lib/log.ts";
import { openRedis, type RedisStore } from "../../lib/redis.ts";
import { pollUntil } from "../support/poll.ts";
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

Deno.test("after one failure nobody waits for Redis any more; a call of its own each second finds out whether it is back", async () => {
  await withRedis(async ({ standIn, redis, at }) => {
    standIn.setFault({ kind: "status", status: 503 });
    await assert.rejects(get(redis), isUnavailable);
    await pollUntil("the try at once", () => standIn.requests() === 2);
    for (let time = 0; time < 50; time++) await assert.rejects(get(redis), isUnavailable);
    assert.equal(standIn.requests(), 2);
    at(1_000);
    for (let time = 0; time < 50; time++) await assert.rejects(get(redis), isUnavailable);
    await pollUntil("the try after a second", () => standIn.requests() === 3);
    standIn.setFault(null);
    at(2_000);
    await assert.rejects(get(redis), isUnavailable);
    await pollUntil("Redis to be used again", async () => {
      return await redis.attempt((client) => client.get("key")) === null;
    });
  });
});

Deno.test("a single hiccup costs one call: the try at once closes the circuit, without a second gone by", async () => {
  let asked = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    asked++;
    return asked === 1
      ? Response.json({ error: "ERR" }, { status: 502 })
      : Response.json([{ result: "b2s=" }]);
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  const redis = openRedis({ url, token: "t", deadlineMs, now: () => 0, log: silentLog });
  await assert.rejects(get(redis), isUnavailable);
  await pollUntil("the circuit to close", async () => {
    return await redis.attempt((client) => client.get("key")) === "ok";
  });
  assert.equal(asked, 3, "the call that failed, the try, and the first call after it");
  await server.shutdown();
});

Deno.test("whoever waits when the circuit opens is let go with it, and does not sit out a deadline of its own", async () => {
  await withRedis(async ({ standIn, redis }) => {
    standIn.setFault({ kind: "black_hole" });
    const first = get(redis);
    const started = performance.now();
    const late = Promise.withResolvers<number>();
    setTimeout(() => {
      const startedMs = performance.now();
      redis.attempt((client) => client.get("key")).then(() =>
        late.resolve(performance.now() - startedMs)
      );
    }, deadlineMs * 0.8);
    await assert.rejects(first, isUnavailable);
    const waitedMs = await late.promise;
    assert.ok(waitedMs < performance.now() - started - deadlineMs * 0.5, `${waitedMs} ms`);
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
