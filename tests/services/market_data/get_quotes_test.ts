import assert from "node:assert/strict";
import { getQuotes, Quotes } from "../../../services/market_data/mod.ts";
import { withMarket } from "./market_world.ts";

Deno.test("getQuotes() answers in the order asked, each symbol once, and names what has no quote", async () => {
  await withMarket({ providers: "demo,yahoo" }, async ({ ctx }) => {
    const symbols = ["MSFT", "NFLX", "NOPE", "AAPL", "MSFT", "BTC-USD"];
    const { body, items, unknown } = await getQuotes(ctx, symbols);
    const sent = Quotes.parse(JSON.parse(body));
    assert.deepEqual(sent.items.map(({ symbol }) => symbol), ["MSFT", "NFLX", "AAPL", "BTC-USD"]);
    assert.deepEqual(sent.items, items.map(({ quote }) => quote));
    assert.deepEqual([sent.unknown, unknown, sent.unavailable], [["NOPE"], ["NOPE"], []]);
  });
});

Deno.test("getQuotes() gives what it can while a source is down", async () => {
  await withMarket({ providers: "demo,yahoo" }, async ({ ctx, yahoo }) => {
    yahoo.setFault({ kind: "status", status: 500 });
    const { items, unknown, unavailable } = await getQuotes(ctx, ["NFLX", "AAPL"]);
    assert.deepEqual(items.map(({ quote }) => quote.symbol), ["AAPL"]);
    assert.deepEqual([unknown, unavailable], [[], ["NFLX"]]);
  });
});

Deno.test("getQuotes() has an equal tag for equal content", async () => {
  const closed = { providers: "demo", time: "2026-11-21T15:00:00Z" };
  await withMarket(closed, async ({ ctx, another, pass }) => {
    const first = await getQuotes(ctx, ["AAPL", "MSFT"]);
    pass(10 * 60_000);
    assert.equal((await getQuotes(another(), ["AAPL", "MSFT"])).etag, first.etag);
    assert.notEqual((await getQuotes(ctx, ["MSFT", "AAPL"])).etag, first.etag);
  });
});

Deno.test("getQuotes() waits no longer than it is told to, and what comes later is there for the next one", async () => {
  await withMarket({ providers: "demo,yahoo" }, async ({ ctx, yahoo }) => {
    yahoo.setFault({ kind: "slow", delayMs: 300 });
    const soon = await getQuotes(ctx, ["NFLX", "AAPL"], { waitMaxMs: 20 });
    assert.deepEqual(soon.items.map(({ quote }) => quote.symbol), ["AAPL"]);
    assert.deepEqual([soon.unknown, soon.unavailable], [[], ["NFLX"]]);
    // Joins the load that goes on.
    const later = await getQuotes(ctx, ["NFLX", "AAPL"]);
    assert.deepEqual(later.unavailable, []);
    assert.equal(yahoo.requests().filter(({ symbol }) => symbol === "NFLX").length, 1);
    const kept = await getQuotes(ctx, ["NFLX", "AAPL"], { waitMaxMs: 1_000 });
    assert.deepEqual(kept.unavailable, []);
  });
});
