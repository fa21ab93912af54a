import assert from "node:assert/strict";
import { permissionsOf } from "../../../services/auth/model/mod.ts";
import type { Ctx } from "../../../services/ctx.ts";
import { getHome } from "../../../services/home/mod.ts";
import type { QuoteProvider } from "../../../services/market_data/mod.ts";
import { type SignedUp, type TestApp, withApp } from "../../support/app.ts";
import { call, makePlan } from "../plans/plans_world.ts";

function ctxOf(app: TestApp, { userId }: SignedUp): Ctx {
  const permissions = new Set(permissionsOf("client", []));
  const actor = {
    kind: "person" as const,
    userId,
    sessionId: userId,
    role: "client",
    permissions,
    expiresAtMs: Infinity,
  };
  return { ...app.deps.context("test", { address: "", userAgent: "" }), actor };
}

async function withPerson(work: (ctx: Ctx, app: TestApp) => Promise<void>) {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const made = await call(app, ada, "POST", "/v1/watchlists", {
      name: "Mine",
      symbols: ["AAPL", "MSFT"],
    });
    assert.equal(made.status, 201);
    await makePlan(app, ada);
    await app.settle();
    await work(ctxOf(app, ada), app);
  });
}

Deno.test("getHome() takes one transaction, however much there is to read", async () => {
  await withPerson(async (ctx) => {
    let transactions = 0;
    const database = {
      ...ctx.database,
      transaction: ((session, work) => {
        transactions++;
        return ctx.database.transaction(session, work);
      }) as Ctx["database"]["transaction"],
    };
    const { home } = await getHome({ ...ctx, database });
    assert.deepEqual([home.plans?.items.length, home.watchlists?.items.length], [1, 1]);
    assert.equal(transactions, 1);
  });
});

Deno.test("getHome() holds no connection while it waits for prices", async () => {
  await withPerson(async (ctx, app) => {
    let open = 0;
    let openWhenAsked = -1;
    const database = {
      ...ctx.database,
      transaction: (async (session, work) => {
        open++;
        return await ctx.database.transaction(session, work).finally(() => open--);
      }) as Ctx["database"]["transaction"],
    };
    const [provider] = await ctx.vendors.quotes();
    assert.ok(provider);
    const watched: QuoteProvider = {
      ...provider,
      quote: (symbol, options) => {
        openWhenAsked = Math.max(openWhenAsked, open);
        return provider.quote(symbol, options);
      },
    };
    // A process that has nothing in its memory, and nothing in Redis either.
    const { memory } = app.another().deps.context("test", ctx.origin);
    await ctx.redis.attempt((redis) => redis.flushall());
    const vendors = { ...ctx.vendors, quotes: () => Promise.resolve([watched]) };
    await getHome({ ...ctx, database, memory, vendors });
    assert.equal(openWhenAsked, 0);
  });
});

Deno.test("getHome() comes without prices where pricing itself is broken, and says so in the log", async () => {
  await withPerson(async (ctx, app) => {
    const { memory } = app.another().deps.context("test", ctx.origin);
    await ctx.redis.attempt((redis) => redis.flushall());
    const broken: QuoteProvider = {
      name: "broken",
      synthetic: false,
      quote: () => Promise.reject(new TypeError("a fault of ours")),
      bars: () => Promise.reject(new TypeError("a fault of ours")),
    };
    const { home } = await getHome({
      ...ctx,
      memory,
      vendors: { ...ctx.vendors, quotes: () => Promise.resolve([broken]) },
    });
    assert.deepEqual(home.watchlists?.items[0]?.quotes, [
      { symbol: "AAPL", quote: null },
      { symbol: "MSFT", quote: null },
    ]);
    assert.equal(home.plans?.items.length, 1);
    ctx.log.flush();
    assert.ok(app.logged.some((line) => line.includes("home without prices")));
  });
});
