import assert from "node:assert/strict";
import { Home } from "../../services/home/mod.ts";
import { type AlertWorld, coin, withAlerts } from "../services/alerts/alert_world.ts";
import { call, makePlan, untilEnded } from "../services/plans/plans_world.ts";
import { type SignedUp, type TestApp, withApp } from "../support/app.ts";
import { pollUntil } from "../support/poll.ts";
import { withRole } from "../support/staff.ts";
import { signToken } from "../support/tokens.ts";

const path = "/v1/home";

type HomeView = Required<Home>;

async function homeOf(app: TestApp, person: Pick<SignedUp, "token">): Promise<HomeView> {
  const { status, body } = await call(app, person, "GET", path);
  assert.equal(status, 200, JSON.stringify(body));
  // What is told is what the documentation promises.
  Home.parse(body);
  return body;
}

async function watch(app: TestApp, person: SignedUp, name: string, symbols: string[]) {
  const { status, body } = await call(app, person, "POST", "/v1/watchlists", { name, symbols });
  assert.equal(status, 201, JSON.stringify(body));
  return body;
}

/** Two plans, one of them simulated; two watchlists; four alerts on one price, three fired, one asleep. */
async function furnish({ app, person, create, price, sweep, settle }: AlertWorld) {
  const planId = await makePlan(app, person, { name: "Retire at 65" });
  const otherId = await makePlan(app, person, { name: "Retire at 60" });
  const started = await call(app, person, "POST", `/v1/plans/${planId}/simulations`, {
    paths: 1_000,
  });
  await settle();
  const simulation = await untilEnded(app, person, started.body.id);
  const owned = await watch(app, person, "What I own", ["AAPL", coin]);
  const wanted = await watch(app, person, "What I wait for", ["MSFT"]);
  const fired = [];
  for (const level of [200, 210, 220]) {
    const { id } = await create({ level: String(level), repeat: { mode: "rearm" } });
    fired.push(id);
    price(coin, level + 1);
    assert.equal(await sweep(), 1);
  }
  const asleep = await create({ enabled: false });
  await settle();
  return { planId, otherId, simulation, owned, wanted, fired, asleep };
}

Deno.test("the first screen of a person with everything is one call, and says what each list says", async () => {
  await withAlerts(async (world) => {
    const { app, person, get } = world;
    const made = await furnish(world);
    const home = await homeOf(app, person);
    assert.deepEqual(home.person, await get("/v1/me"));

    const { items: lists } = await get<{ items: unknown[] }>("/v1/watchlists");
    assert.deepEqual(home.watchlists.items.map(({ quotes: _, ...list }) => list), lists);
    assert.deepEqual(
      home.watchlists.items.map(({ quotes }) => quotes.map(({ symbol }) => symbol)),
      [["AAPL", coin], ["MSFT"]],
    );
    for (const { symbol, quote } of home.watchlists.items.flatMap(({ quotes }) => quotes)) {
      assert.equal(quote?.symbol, symbol);
    }
    assert.equal(home.watchlists.items[0]?.quotes[1]?.quote?.price, "221.00");

    const [other, plan] = home.plans.items;
    assert.deepEqual([other?.id, other?.latestResult], [made.otherId, null]);
    assert.deepEqual([plan?.id, plan?.name, plan?.version], [made.planId, "Retire at 65", 1]);
    const { result } = made.simulation;
    assert.ok(result && plan?.latestResult);
    const { finishedAt: _, ...headline } = plan.latestResult;
    assert.deepEqual(headline, {
      simulationId: made.simulation.id,
      planVersion: 1,
      successProbability: result.successProbability,
      successInterval: result.successInterval,
      medianWealth: result.years.at(-1)?.real.p50,
    });

    const inbox = await get<{ items: unknown[] }>("/v1/inbox");
    assert.ok(inbox.items.length > 3);
    assert.deepEqual(home.inbox.items, inbox.items.slice(0, 3));
    assert.deepEqual({ unread: home.inbox.unread }, await get("/v1/inbox/badge"));

    assert.equal(home.alerts.active, 3);
    assert.deepEqual(home.alerts.lastFired.map(({ id }) => id), made.fired.toReversed());
    assert.deepEqual(home.alerts.lastFired[0], await get(`/v1/alerts/${made.fired[2]}`));
  });
});

Deno.test("the example in the documentation is a screen", async () => {
  await withApp(async (app) => {
    const { components } = await (await app.request("/openapi.json")).json();
    const example = components.schemas.Home.example;
    assert.deepEqual(Home.parse(example), example);
  });
});

Deno.test("the screen of somebody who has nothing yet is empty, not missing", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    await app.settle();
    const { person, inbox, ...rest } = await homeOf(app, ada);
    assert.equal(person.id, ada.userId);
    assert.equal(inbox.unread, inbox.items.length);
    assert.deepEqual(rest, {
      watchlists: { items: [], hasMore: false },
      plans: { items: [], hasMore: false },
      alerts: { active: 0, lastFired: [] },
    });
  });
});

Deno.test("one screen stays a screen: the first of everything, and where the rest begins", async () => {
  await withAlerts(async ({ app, person, price, sweep, create, settle }) => {
    const many = ["AAPL", "MSFT", "NVDA", "SPY", "QQQ", "DIA", "IWM", "VTI", "VEA", "VWO", "BND"];
    for (let n = 0; n < 6; n++) await watch(app, person, `list ${n}`, many);
    for (let n = 0; n < 6; n++) await makePlan(app, person, { name: `plan ${n}` });
    for (let n = 0; n < 4; n++) await create();
    price(coin, 250);
    await sweep();
    await settle();
    const { watchlists, plans, inbox, alerts } = await homeOf(app, person);
    assert.equal(watchlists.items.length, 5);
    for (const { symbols, quotes } of watchlists.items) {
      assert.deepEqual(quotes.map(({ symbol }) => symbol), many.slice(0, 10));
      assert.deepEqual(symbols, many);
    }
    assert.equal(plans.items.length, 5);
    assert.equal(inbox.items.length, 3);
    const more = [watchlists, plans, inbox].map(({ hasMore }) => hasMore);
    assert.deepEqual(more, [true, true, true]);
    assert.deepEqual([alerts.active, alerts.lastFired.length], [0, 3]);
  });
});

Deno.test("only a simulation that has succeeded gives a plan its figures, and the latest of those does", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const planId = await makePlan(app, ada);
    const simulate = async (seed: number) => {
      const started = await call(app, ada, "POST", `/v1/plans/${planId}/simulations`, {
        paths: 1_000,
        seed,
      });
      await app.settle();
      return await untilEnded(app, ada, started.body.id);
    };
    const results = [await simulate(1), await simulate(2), await simulate(3)];
    await app.inspect.sql`
      update simulations set status = 'failed', result = null where id = ${results[2]!.id}`;
    const { plans } = await homeOf(app, ada);
    assert.equal(plans.items[0]?.latestResult?.simulationId, results[1]?.id);
    assert.equal(
      plans.items[0]?.latestResult?.successProbability,
      results[1]?.result?.successProbability,
    );
  });
});

Deno.test("with a price source dead the screen comes all the same, without those prices alone", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const { id } = await watch(app, ada, "Mixed", ["AAPL"]);
    await makePlan(app, ada);
    // Never priced before, so that there is not even an old quote of them.
    await app.inspect.sql`update watchlists set symbols = '{NFLX,AAPL,GONE}' where id = ${id}`;
    for (const kind of ["status", "refuse", "truncate"] as const) {
      app.standIns.yahoo.setFault({ kind });
      const home = await homeOf(app, ada);
      const quotes = home.watchlists.items[0]?.quotes ?? [];
      assert.deepEqual(quotes.map(({ symbol, quote }) => [symbol, quote?.symbol]), [
        ["NFLX", undefined],
        ["AAPL", "AAPL"],
        ["GONE", undefined],
      ], kind);
      assert.ok(quotes.every(({ quote }) => quote !== undefined), "null, so that it can be seen");
      assert.equal(home.plans.items.length, 1);
    }
    app.standIns.yahoo.setFault(null);
  });
});

Deno.test("a price source that takes too long is not waited for, and what it says is there the next time", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const { id } = await watch(app, ada, "Mixed", ["AAPL"]);
    await app.inspect.sql`update watchlists set symbols = '{NFLX,AAPL}' where id = ${id}`;
    app.standIns.yahoo.setFault({ kind: "slow", delayMs: 2_500 });
    const priced = async () => {
      const { watchlists } = await homeOf(app, ada);
      return watchlists.items[0]?.quotes.map(({ quote }) => quote !== null);
    };
    const startedMs = performance.now();
    assert.deepEqual(await priced(), [false, true]);
    const elapsedMs = performance.now() - startedMs;
    assert.ok(elapsedMs < 2_400, `${elapsedMs} ms`);
    await pollUntil("the late quote", async () => String(await priced()) === "true,true");
    app.standIns.yahoo.setFault(null);
  });
});

Deno.test("a screen that has not changed is not sent again; one that has is, with another tag", async () => {
  // On a Saturday, since prices of shares move through the week.
  const saturdayMs = Date.parse("2026-11-21T15:00:00Z");
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    await app.settle();
    const { id } = await watch(app, ada, "Mine", ["AAPL", "SPY"]);
    const ask = async (known: string) => {
      const headers = { "if-none-match": known };
      const response = await app.request(path, { token: ada.token, headers });
      const { status } = response;
      assert.equal(response.headers.get("cache-control"), "private, max-age=1");
      assert.equal(status === 304, (await response.text()) === "");
      return { status, etag: response.headers.get("etag") ?? "" };
    };
    let { etag } = await ask('"other"');
    const changes: (() => Promise<unknown>)[] = [
      () => call(app, ada, "PATCH", `/v1/watchlists/${id}`, { name: "Yours" }),
      () => makePlan(app, ada),
      () => call(app, ada, "POST", "/v1/inbox/read", { all: true }),
      () => app.inspect.sql`update users set name = 'Ada L' where id = ${ada.userId}`,
    ];
    for (const change of changes) {
      assert.deepEqual(await ask(etag), { status: 304, etag }, String(change));
      await change();
      const next = await ask(etag);
      assert.equal(next.status, 200, String(change));
      assert.notEqual(next.etag, etag);
      etag = next.etag;
    }
    // Another process says the same in the same words.
    const elsewhere = await app.another().fetch(
      new Request(`${app.url}${path}`, {
        headers: { authorization: `Bearer ${ada.token}`, "if-none-match": etag },
      }),
    );
    assert.equal(elsewhere.status, 304);
  }, { world: { now: () => saturdayMs } });
});

Deno.test("what a person may not read is left out of their screen, and prices are for those who may see them", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    await watch(app, ada, "Mine", ["AAPL"]);
    await makePlan(app, ada);
    const seenWith = async (...permissions: string[]) => {
      const home = await homeOf(app, { token: await signToken(app, ada.userId, permissions) });
      return [Object.keys(home).toSorted(), home] as const;
    };
    const [none] = await seenWith();
    assert.deepEqual(none, ["person"]);
    assert.deepEqual((await seenWith("plans:read"))[0], ["person", "plans"]);
    assert.deepEqual((await seenWith("inbox:read"))[0], ["inbox", "person"]);
    assert.deepEqual((await seenWith("alerts:read", "quotes:read"))[0], ["alerts", "person"]);
    const [parts, { watchlists }] = await seenWith("watchlists:read");
    assert.deepEqual(parts, ["person", "watchlists"]);
    assert.deepEqual(watchlists.items[0]?.quotes, [{ symbol: "AAPL", quote: null }]);
    const viewer = await withRole(app, ada, "viewer");
    const everything = await homeOf(app, viewer);
    assert.deepEqual(
      Object.keys(everything).toSorted(),
      ["alerts", "inbox", "person", "plans", "watchlists"],
    );
    assert.equal(everything.watchlists.items[0]?.quotes[0]?.quote?.symbol, "AAPL");
  });
});

Deno.test("nothing of anybody else is on a screen, not even on an admin's", async () => {
  await withAlerts(async (world) => {
    const { app } = world;
    await furnish(world);
    const bob = await withRole(app, await app.signUp("bob"), "admin");
    await app.settle();
    const { watchlists, plans, inbox, alerts } = await homeOf(app, bob);
    assert.deepEqual([watchlists.items, plans.items], [[], []]);
    assert.deepEqual(alerts, { active: 0, lastFired: [] });
    assert.equal(inbox.items.filter(({ type }) => type === "market_alert").length, 0);
  });
});

Deno.test("whoever was erased while their token lasts is told to sign in", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    await app.inspect.sql`update users set status = 'deleted' where id = ${ada.userId}`;
    const { status, body } = await call(app, ada, "GET", path);
    assert.deepEqual([status, body.code], [401, "not_signed_in"]);
  });
});
