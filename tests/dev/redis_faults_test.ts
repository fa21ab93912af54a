import assert from "node:assert/strict";
import { connect, eventually, withStandIn } from "./redis_support.ts";

Deno.test("redis refuses connections on its port until the fault is lifted", async () => {
  await withStandIn({}, async (standIn) => {
    const redis = connect(standIn);
    await redis.set("key", "value");
    for (let round = 0; round < 3; round++) {
      standIn.setFault({ kind: "refuse" });
      await assert.rejects(redis.get("key"), TypeError);
      const attempt = () => Deno.connect({ hostname: "127.0.0.1", port: portOf(standIn.url) });
      await eventually(async () => await refused(attempt), "the connection is refused");
      standIn.setFault(null);
      assert.equal(await redis.get("key"), "value");
    }
  });
});

Deno.test("redis opens its port again even when the fault is lifted at once", async () => {
  await withStandIn({}, async (standIn) => {
    const redis = connect(standIn);
    standIn.setFault({ kind: "refuse" });
    standIn.setFault(null);
    await eventually(() => redis.ping().then(() => true, () => false), "the port is open");
  });
});

Deno.test("redis stays closed when it is stopped while it refuses connections", async () => {
  let url = "";
  await withStandIn({}, (standIn) => {
    url = standIn.url;
    standIn.setFault({ kind: "refuse" });
    standIn.setFault(null);
    return Promise.resolve();
  });
  const attempt = () => Deno.connect({ hostname: "127.0.0.1", port: portOf(url) });
  await eventually(async () => await refused(attempt), "the connection is refused");
});

Deno.test("redis breaks subscriptions when it begins to refuse connections", async () => {
  await withStandIn({}, async (standIn) => {
    const headers = { authorization: `Bearer ${standIn.token}` };
    const response = await fetch(`${standIn.url}/subscribe/quotes`, { method: "POST", headers });
    standIn.setFault({ kind: "refuse" });
    await assert.rejects(response.text(), TypeError);
    standIn.setFault(null);
    const redis = connect(standIn);
    await eventually(async () => await redis.publish("quotes", 1) === 0, "nobody subscribes");
  });
});

Deno.test("redis as a black hole takes the request and never answers", async () => {
  await withStandIn({}, async (standIn) => {
    const redis = connect(standIn, { signal: () => AbortSignal.timeout(60) });
    standIn.setFault({ kind: "black_hole" });
    const before = standIn.requests();
    await assert.rejects(redis.set("key", "value"), { name: "TimeoutError" });
    assert.equal(standIn.requests(), before + 1);
    standIn.setFault(null);
    assert.equal(await redis.get("key"), null);
  });
});

Deno.test("redis as a black hole can be stopped while a request hangs", async () => {
  const hanging = Promise.withResolvers<unknown>();
  await withStandIn({}, async (standIn) => {
    standIn.setFault({ kind: "black_hole" });
    connect(standIn).get("key").then(hanging.resolve, hanging.resolve);
    await eventually(() => standIn.requests() === 1, "the request has arrived");
  });
  assert.ok(await hanging.promise instanceof TypeError);
});

Deno.test("redis fails each command, in a pipeline each for itself, under the fault error", async () => {
  await withStandIn({}, async (standIn) => {
    const redis = connect(standIn);
    standIn.setFault({ kind: "error" });
    await assert.rejects(redis.get("key"), /ERR a fault is set/);
    const items = await redis.pipeline().set("key", 1).get("key").exec({ keepErrors: true });
    assert.deepEqual(items.map(({ error }) => error), ["ERR a fault is set", "ERR a fault is set"]);
    await assert.rejects(redis.multi().set("key", 1).exec(), /ERR a fault is set/);
    const subscription = redis.subscribe("quotes");
    const failed = new Promise((resolve) => subscription.on("error", resolve));
    assert.match(String(await failed), /ERR a fault is set/);
    standIn.setFault(null);
    assert.equal(await redis.exists("key"), 0);
  });
});

Deno.test("redis runs the command but breaks the connection within the answer under truncate", async () => {
  await withStandIn({}, async (standIn) => {
    const redis = connect(standIn);
    standIn.setFault({ kind: "truncate" });
    await assert.rejects(redis.incr("count"), TypeError);
    standIn.setFault(null);
    assert.equal(await redis.get("count"), 1);
  });
});

Deno.test("redis answers with the status it is told", async () => {
  await withStandIn({}, async (standIn) => {
    for (const status of [undefined, 429, 500]) {
      standIn.setFault({ kind: "status", status });
      const response = await fetch(standIn.url, { method: "POST" });
      assert.equal(response.status, status ?? 503);
      assert.deepEqual(await response.json(), { error: "ERR a fault is set" });
    }
  });
});

function portOf(url: string): number {
  return Number(new URL(url).port);
}

async function refused(attempt: () => Promise<Deno.TcpConn>): Promise<boolean> {
  try {
    (await attempt()).close();
    return false;
  } catch (cause) {
    return cause instanceof Deno.errors.ConnectionRefused;
  }
}
