import assert from "node:assert/strict";
import { type TestApp, withApp } from "../support/app.ts";
import { portOf, startTcpProxy, through } from "../support/tcp_proxy.ts";

async function ready(app: TestApp) {
  const response = await app.request("/readyz");
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
      states: ["postgres up", "redis up"],
    });
  });
});

Deno.test("without Redis it is degraded and still takes requests", async () => {
  await withApp(async (app) => {
    app.standIns.redis.setFault({ kind: "black_hole" });
    assert.deepEqual(await ready(app), {
      status: 200,
      state: "degraded",
      states: ["postgres up", "redis down"],
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
