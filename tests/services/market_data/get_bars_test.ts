import assert from "node:assert/strict";
import fc from "fast-check";
import type { z } from "zod";
import { type ErrorCode, isFailure } from "../../../lib/errors.ts";
import { BarsPage, BarsQuery, getBars } from "../../../services/market_data/mod.ts";
import { type MarketCtx, withMarket } from "./market_world.ts";

const failsWith = (code: ErrorCode) => (error: unknown) => isFailure(error, code);
const ask = async (ctx: MarketCtx, symbol: string, query: z.input<typeof BarsQuery> = {}) =>
  (await getBars(ctx, symbol, BarsQuery.parse(query))).page;

/** After the close of a Friday. */
const evening = "2026-11-20T22:00:00.000Z";

Deno.test("getBars() gives a year of completed days by default", async () => {
  await withMarket({ providers: "demo", time: evening }, async ({ ctx }) => {
    const kept = await getBars(ctx, "AAPL", BarsQuery.parse({}));
    assert.deepEqual(BarsPage.parse(JSON.parse(kept.body)), kept.page);
    const { items, nextCursor, ...rest } = kept.page;
    assert.deepEqual(rest, {
      symbol: "AAPL",
      interval: "1d",
      adjust: "split",
      source: "demo",
      synthetic: true,
    });
    assert.equal(items[0]?.time, "2025-11-20");
    assert.equal(items.at(-1)?.time, "2026-11-20");
    assert.equal(items.length, 252);
    assert.equal(nextCursor, null);
  });
});

Deno.test("a day that still trades is not among the bars", async () => {
  await withMarket({ providers: "demo,yahoo" }, async ({ ctx, setTime }) => {
    const lastOf = async (symbol: string) => (await ask(ctx, symbol)).items.at(-1)?.time;
    assert.equal(await lastOf("AAPL"), "2026-11-19");
    assert.equal(await lastOf("NFLX"), "2026-11-19");
    assert.equal(await lastOf("BTC-USD"), "2026-11-19");
    // As soon as the session is over its bar is there, whatever was cached before.
    setTime("2026-11-20T21:00:00Z");
    assert.equal(await lastOf("AAPL"), "2026-11-20");
    assert.equal(await lastOf("NFLX"), "2026-11-20");
    assert.equal(await lastOf("BTC-USD"), "2026-11-19");
    setTime("2026-11-21T00:00:00Z");
    assert.equal(await lastOf("BTC-USD"), "2026-11-20");
  });
});

Deno.test("pages joined are the whole, whatever their size", async () => {
  await withMarket({ providers: "demo", time: evening }, async ({ ctx }) => {
    const days = { from: "2026-06-01", to: "2026-10-31" };
    const minutes = { interval: "5m" as const, from: "2026-11-16", to: "2026-11-18" };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("IBM", "ETH-USD"),
        fc.constantFrom(days, minutes),
        fc.integer({ min: 40, max: 400 }),
        async (symbol, range, limit) => {
          const whole = await ask(ctx, symbol, { ...range, limit: "1000" });
          const joined = [];
          let cursor: string | null | undefined;
          do {
            const page: BarsPage = await ask(ctx, symbol, {
              ...range,
              limit: String(limit),
              ...(cursor ? { cursor } : {}),
            });
            assert.ok(page.items.length <= limit);
            joined.push(...page.items);
            cursor = page.nextCursor;
          } while (cursor !== null);
          assert.deepEqual(joined, whole.items);
          assert.equal(whole.nextCursor, null);
        },
      ),
      { numRuns: 12 },
    );
  });
});

Deno.test("bars of an hour begin at the opening bell and carry their instant", async () => {
  await withMarket({ providers: "demo", time: evening }, async ({ ctx }) => {
    const { items } = await ask(ctx, "SPY", { interval: "1h", from: "2026-11-20" });
    assert.deepEqual(
      items.map(({ time }) => time.slice(10)),
      ["14:30", "15:30", "16:30", "17:30", "18:30", "19:30", "20:30"].map((at) => `T${at}:00.000Z`),
    );
  });
});

Deno.test("under every adjustment the demo market's bars are the same: nothing splits there", async () => {
  await withMarket({ providers: "demo", time: evening }, async ({ ctx }) => {
    const [all, split, none] = await Promise.all(
      (["all", "split", "none"] as const).map((adjust) => ask(ctx, "AAPL", { adjust })),
    );
    assert.deepEqual(all?.items, none?.items);
    assert.deepEqual(split?.items, none?.items);
    assert.deepEqual([all?.adjust, split?.adjust, none?.adjust], ["all", "split", "none"]);
  });
});

Deno.test("a real source's bars are restated for its splits and dividends", async () => {
  await withMarket({ time: evening }, async ({ ctx }) => {
    const range = { from: "2025-10-01", to: "2025-12-31" };
    const split = (await ask(ctx, "AAPL", range)).items;
    const all = (await ask(ctx, "AAPL", { ...range, adjust: "all" })).items;
    const exDay = split.findIndex(({ time }) => time >= "2025-11-10");
    const before = split[exDay - 1]!;
    // The stand-in pays 0.26 on 2025-11-10, and nothing after it.
    const factor = 1 - 0.26 / before.close;
    assert.deepEqual(all.slice(exDay), split.slice(exDay));
    for (const [at, bar] of split.slice(0, exDay).entries()) {
      assert.ok(Math.abs(all[at]!.close / bar.close - factor) < 1e-8, bar.time);
      assert.equal(all[at]!.volume, bar.volume);
    }
    // The same dividend counts for a window that ends before it.
    const october = await ask(ctx, "AAPL", { from: "2025-10-01", to: "2025-10-31", adjust: "all" });
    assert.deepEqual(october.items, all.slice(0, october.items.length));
  });
});

Deno.test("bars are kept for an hour, and for every isolate", async () => {
  await withMarket({ time: evening }, async ({ ctx, another, asked, pass }) => {
    const first = await getBars(ctx, "AAPL", BarsQuery.parse({}));
    const second = await getBars(another(), "AAPL", BarsQuery.parse({}));
    assert.deepEqual([second.body, second.etag], [first.body, first.etag]);
    pass(59 * 60_000);
    await getBars(ctx, "AAPL", BarsQuery.parse({}));
    assert.equal(asked(), 1);
  });
});

Deno.test("with Redis away bars go on", async () => {
  await withMarket({ time: evening }, async ({ ctx, redis }) => {
    redis.setFault({ kind: "refuse" });
    assert.ok((await ask(ctx, "AAPL")).items.length > 200);
    redis.setFault(null);
  });
});

Deno.test("bars that do not exist are told apart: no such symbol, no source, no bars of that kind, no trading", async () => {
  await withMarket({ providers: "demo,yahoo", time: evening }, async ({ ctx, yahoo }) => {
    await assert.rejects(ask(ctx, "APPL"), failsWith("unknown_symbol"));
    yahoo.setFault({ kind: "status", status: 500 });
    await assert.rejects(ask(ctx, "NFLX"), failsWith("no_price_source"));
    yahoo.setFault({ kind: "status", status: 400 });
    await assert.rejects(ask(ctx, "NFLX", { interval: "1m" }), failsWith("invalid_request"));
    const before = await ask(ctx, "AAPL", { from: "1990-01-01", to: "1990-12-31" });
    assert.deepEqual([before.items, before.nextCursor], [[], null]);
    const ahead = await ask(ctx, "AAPL", { from: "2999-01-01", to: "2999-12-31" });
    assert.deepEqual([ahead.items, ahead.nextCursor], [[], null]);
  });
});

Deno.test("what cannot be a question is refused before anybody is asked", () => {
  const wrong = [
    { interval: "2h" },
    { from: "2026-02-30" },
    { from: "2026-02-02", to: "2026-02-01" },
    { adjust: "dividends" },
    { limit: "0" },
    { limit: "1001" },
    { cursor: "!" },
    { window: "1" },
  ];
  for (const query of wrong) assert.ok(!BarsQuery.safeParse(query).success, JSON.stringify(query));
});
