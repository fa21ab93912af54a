import assert from "node:assert/strict";
import { type TestApp, withApp } from "../support/app.ts";
import { portOf, startTcpProxy, through } from "../support/tcp_proxy.ts";

async function ready(app: TestApp) {
  const response = await app.request("/readyz");
  assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
  const { state, dependencies } = await response.json();
  const states = dependencies.map(({ name, state }: Record<string, string>) => `${name} ${state}`);
  return { status: response.status, state, states };
}

Deno.test("a process that lives says so, whatever else is away", async () => {
  await withApp(async (app) => {
    app.standIns.redis.setFault({ kind: "refuse" });
    const response = await app.request("/healthz");
    assert.deepEqual([response.status, await response.text()], [200, "ok"]);
    app.standIns.redis.setFault(null);
  });
});

Deno.test("with everything there it is ready, and says how long each takes", async () => {
  await withApp(async (app) => {
    assert.deepEqual(await ready(app), {
      status: 200,
      state: "ready",
      states: ["postgres up", "redis up", "qstash up"],
    });
  });
});

Deno.test("without Redis it is degraded and still takes requests", async () => {
  await withApp(async (app) => {
    app.standIns.redis.setFault({ kind: "black_hole" });
    assert.deepEqual(await ready(app), {
      status: 200,
      state: "degraded",
      states: ["postgres up", "redis down", "qstash up"],
    });
    app.standIns.redis.setFault(null);
    app.logged.splice(0);
  }, { env: { REDIS_DEADLINE_MS: "100" } });
});

Deno.test("without Postgres it is down, and says so before a balancer loses patience", async () => {
  await withApp(async (app) => {
    const url = app.deps.settings.databaseUrl.reveal();
    await using proxy = startTcpProxy(portOf(url));
    proxy.silence("silent");
    const other = app.another({ DATABASE_URL: through(proxy, url), DATABASE_DEADLINE_MS: "300" });
    const startedMs = performance.now();
    const response = await other.fetch(new Request(`${app.url}/readyz`));
    assert.equal(response.status, 503);
    assert.equal((await response.json()).state, "down");
    assert.ok(performance.now() - startedMs < 2_500);
    app.logged.splice(0);
  });
});

Deno.test("each dependency has a latency and the bound above which it counts as slow", async () => {
  await withApp(async (app) => {
    const { dependencies, checks } = await (await app.request("/readyz")).json();
    assert.equal(dependencies.length, 3);
    for (const { latencyMs, slowAboveMs } of dependencies) {
      assert.ok(latencyMs > 0 && slowAboveMs >= 100, `${latencyMs} ${slowAboveMs}`);
    }
    assert.deepEqual(checks, [
      { name: "outbox_lag", state: "up", value: 0, limit: 120, unit: "seconds" },
    ]);
  });
});

Deno.test("a Redis that answers slowly is degraded, neither up nor down", async () => {
  await withApp(async (app) => {
    const slow = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async () => {
      const waited = Promise.withResolvers<void>();
      setTimeout(waited.resolve, 400);
      await waited.promise;
      return Response.json([{ result: "UE9ORw==" }]);
    });
    const redisUrl = `http://127.0.0.1:${slow.addr.port}`;
    const other = app.another({ UPSTASH_REDIS_REST_URL: redisUrl, REDIS_DEADLINE_MS: "5000" });
    const response = await other.fetch(new Request(`${app.url}/readyz`));
    assert.equal(response.status, 200);
    const { state, dependencies } = await response.json();
    assert.equal(state, "degraded");
    const redis = dependencies.find(({ name }: { name: string }) => name === "redis");
    assert.equal(redis.state, "degraded");
    assert.ok(redis.latencyMs >= 350);
    await slow.shutdown();
  });
});

Deno.test("QStash away, or with a token that it does not know, is degraded; asked twice a minute and never for a message", async () => {
  await withApp(async (app) => {
    const asked: string[] = [];
    let status = 404;
    const qstash = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
      asked.push(`${request.method} ${new URL(request.url).pathname}`);
      return Response.json({}, { status });
    });
    const url = `http://127.0.0.1:${qstash.addr.port}`;
    const stateOf = async (env: Record<string, string>, probes: number) => {
      const other = app.another(env);
      let last = { state: "", qstash: "" };
      for (let probe = 0; probe < probes; probe++) {
        const body = await (await other.fetch(new Request(`${app.url}/readyz`))).json();
        const found = body.dependencies.find(({ name }: { name: string }) => name === "qstash");
        last = { state: body.state, qstash: found.state };
        // What is kept of the other dependencies must not answer for this one.
        other.deps.context("test", { address: "", userAgent: "" }).memory.drop("readiness");
      }
      return last;
    };
    assert.deepEqual(await stateOf({ QSTASH_URL: url }, 20), { state: "ready", qstash: "up" });
    assert.deepEqual(asked.splice(0), ["GET /v2/schedules/almanac_tick"]);
    status = 401;
    const refused = await stateOf({ QSTASH_URL: url }, 1);
    assert.deepEqual(refused, { state: "degraded", qstash: "down" });
    await qstash.shutdown();
    const gone = await stateOf({ QSTASH_URL: url }, 1);
    assert.deepEqual(gone, { state: "degraded", qstash: "down" });
  });
});

Deno.test("a message that has waited in the outbox for longer than two ticks is told", async () => {
  await withApp(async (app) => {
    await app.inspect.sql`
      insert into outbox (id, job, key, version, payload, created_at, next_attempt_at)
      values (gen_random_uuid(), 'apply_receipts', 'late', 1, '{}', now() - interval '5 minutes',
              now() + interval '1 hour')`;
    const { state, checks } = await (await app.request("/readyz")).json();
    assert.equal(state, "degraded");
    assert.equal(checks[0].state, "degraded");
    assert.ok(checks[0].value >= 299 && checks[0].value < 400, `${checks[0].value}`);
    await app.inspect.sql`delete from outbox`;
  });
});

Deno.test("with Postgres refusing it is down at once, and the process lives", async () => {
  await withApp(async (app) => {
    const other = app.another({ DATABASE_URL: "postgres://nobody@127.0.0.1:9/none" });
    const response = await other.fetch(new Request(`${app.url}/readyz`));
    assert.equal(response.status, 503);
    const { state, dependencies, checks } = await response.json();
    assert.equal(state, "down");
    assert.equal(dependencies[0].state, "down");
    assert.equal(checks[0].state, "unknown");
    const alive = await other.fetch(new Request(`${app.url}/healthz`));
    assert.equal(await alive.text(), "ok");
    app.logged.splice(0);
  });
});
