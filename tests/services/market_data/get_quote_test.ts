import assert from "node:assert/strict";
import { type ErrorCode, isFailure } from "../../../lib/errors.ts";
import { getQuote, type KeptQuote, knowsSymbol, Quote } from "../../../services/market_data/mod.ts";
import { pollUntil } from "../../support/poll.ts";
import { type MarketCtx, withMarket } from "./market_world.ts";

const failsWith = (code: ErrorCode) => (error: unknown) => isFailure(error, code);

/** From memory, without waiting. */
function inMemory(ctx: MarketCtx, symbol: string): KeptQuote {
  const kept = getQuote(ctx, symbol);
  assert.ok(!(kept instanceof Promise), "memory does not have it");
  return kept;
}

Deno.test("getQuote() says what a provider says, with the move since the close before", async () => {
  await withMarket({}, async ({ ctx, yahoo }) => {
    yahoo.setPrice("AAPL", 189.5);
    const { quote, body } = await getQuote(ctx, "AAPL");
    assert.deepEqual(JSON.parse(body), quote);
    assert.deepEqual(Quote.parse(quote), quote);
    assert.equal(quote.price, "189.50");
    assert.equal(
      (Number(quote.price) - Number(quote.previousClose)).toFixed(2),
      Number(quote.change).toFixed(2),
    );
    const { source, stale, synthetic, confidence, session, currency } = quote;
    assert.deepEqual({ source, stale, synthetic, confidence, session, currency }, {
      source: "yahoo",
      stale: false,
      synthetic: false,
      confidence: 0.5,
      session: "regular",
      currency: "USD",
    });
  });
});

Deno.test("a thousand people who ask for a cold symbol cost one call to the provider", async () => {
  await withMarket({}, async ({ ctx, asked }) => {
    const quotes = await Promise.all(
      Array.from({ length: 1_000 }, async () => await getQuote({ ...ctx }, "AAPL")),
    );
    assert.equal(asked(), 1);
    assert.equal(new Set(quotes).size, 1);
  });
});

Deno.test("a quote that memory has is there without waiting, for a second in session", async () => {
  await withMarket({}, async ({ ctx, redis, pass, asked }) => {
    await getQuote(ctx, "AAPL");
    const calls = redis.requests();
    pass(999);
    inMemory(ctx, "AAPL");
    assert.deepEqual([redis.requests(), asked()], [calls, 1]);
  });
});

Deno.test("past its second a quote is still served at once, while a newer one is fetched", async () => {
  await withMarket({}, async ({ ctx, yahoo, pass, asked }) => {
    const first = await getQuote(ctx, "AAPL");
    yahoo.setPrice("AAPL", 500);
    pass(6_000);
    assert.equal(inMemory(ctx, "AAPL"), first);
    await pollUntil("the newer quote", () => {
      return Promise.resolve(inMemory(ctx, "AAPL").quote.price === "500.00");
    });
    assert.equal(asked(), 2);
  });
});

Deno.test("isolates share one fetch through Redis, and refresh from it what is younger than 5 s", async () => {
  await withMarket({}, async ({ ctx, another, pass, asked }) => {
    const first = await getQuote(ctx, "AAPL");
    const other = another();
    const second = await getQuote(other, "AAPL");
    assert.deepEqual([second.body, second.etag], [first.body, first.etag]);
    pass(3_000);
    inMemory(other, "AAPL");
    await pollUntil("the refresh", () => {
      return Promise.resolve(inMemory(other, "AAPL") !== second);
    });
    assert.equal(asked(), 1);
  });
});

Deno.test("a quote of more than a minute ago is never served as live", async () => {
  await withMarket({}, async ({ ctx, yahoo, pass, another }) => {
    await getQuote(ctx, "AAPL");
    yahoo.setPrice("AAPL", 501);
    pass(60_001);
    assert.equal((await getQuote(ctx, "AAPL")).quote.price, "501.00");
    yahoo.setPrice("AAPL", 502);
    pass(60_001);
    assert.equal((await getQuote(another(), "AAPL")).quote.price, "502.00");
  });
});

Deno.test("maxAgeMs asks the provider again for whoever needs it younger", async () => {
  await withMarket({}, async ({ ctx, yahoo, pass, asked }) => {
    await getQuote(ctx, "AAPL");
    yahoo.setPrice("AAPL", 503);
    pass(800);
    await getQuote(ctx, "AAPL", { maxAgeMs: 1_000 });
    assert.equal(asked(), 1);
    const young = await getQuote(ctx, "AAPL", { maxAgeMs: 500 });
    assert.equal(young.quote.price, "503.00");
    assert.equal(inMemory(ctx, "AAPL"), young);
  });
});

Deno.test("out of session a quote stays in memory for a minute, but never past the opening bell", async () => {
  await withMarket({ time: "2026-11-20T14:20:00Z" }, async ({ ctx, setTime, asked }) => {
    const { quote } = await getQuote(ctx, "AAPL");
    assert.equal(quote.session, "pre");
    setTime("2026-11-20T14:20:59Z");
    inMemory(ctx, "AAPL");
    assert.equal(asked(), 1);
    setTime("2026-11-20T14:29:30Z");
    await getQuote(ctx, "AAPL");
    setTime("2026-11-20T14:30:00Z");
    assert.equal((await getQuote(ctx, "AAPL")).quote.session, "regular");
  });
});

Deno.test("equal content has an equal tag, and a new price a new one", async () => {
  await withMarket({ providers: "demo" }, async ({ ctx, another, pass, setTime }) => {
    setTime("2026-11-21T15:00:00Z");
    const first = await getQuote(ctx, "AAPL");
    pass(3 * 60_000);
    const later = await getQuote(another(), "AAPL");
    assert.equal(later.etag, first.etag);
    setTime("2026-11-23T15:00:00Z");
    assert.notEqual((await getQuote(ctx, "AAPL")).etag, first.etag);
    assert.match(first.etag, /^"[0-9a-z]{1,11}"$/);
  });
});

Deno.test("when every provider fails, the last good quote is served as stale, with its age", async () => {
  await withMarket({}, async ({ ctx, yahoo, pass, another }) => {
    const good = await getQuote(ctx, "AAPL");
    yahoo.setFault({ kind: "status", status: 500 });
    pass(10 * 60_000);
    for (const isolate of [ctx, another()]) {
      const { quote, body, etag } = await getQuote(isolate, "AAPL");
      assert.deepEqual({ ...quote, stale: false, ageSeconds: undefined }, {
        ...good.quote,
        ageSeconds: undefined,
      });
      assert.equal(quote.stale, true);
      assert.ok(quote.ageSeconds !== undefined && quote.ageSeconds >= 600, `${quote.ageSeconds}`);
      assert.deepEqual(JSON.parse(body), quote);
      assert.notEqual(etag, good.etag);
    }
    yahoo.setFault(null);
    pass(10 * 60_000);
    const { quote } = await getQuote(ctx, "AAPL");
    assert.deepEqual([quote.stale, quote.ageSeconds], [false, undefined]);
  });
});

Deno.test("a quote is not called stale for a failure within its minute, but whoever wanted a younger one hears it", async () => {
  await withMarket({}, async ({ ctx, yahoo, pass }) => {
    await getQuote(ctx, "AAPL");
    yahoo.setFault({ kind: "status", status: 500 });
    pass(20_000);
    assert.equal((await getQuote(ctx, "AAPL", { maxAgeMs: 5_000 })).quote.stale, true);
    assert.equal((await getQuote(ctx, "AAPL")).quote.stale, false);
  });
});

Deno.test("without any source and without a last quote the answer is no_price_source, never a made-up price", async () => {
  await withMarket({ providers: "yahoo,demo" }, async ({ ctx, yahoo }) => {
    for (const kind of ["status", "html", "nan", "negative", "other_symbol"] as const) {
      yahoo.setFault({ kind });
      await assert.rejects(async () => await getQuote(ctx, "AAPL"), failsWith("no_price_source"));
    }
  });
});

Deno.test("how long a provider asks to be left alone is passed on", async () => {
  await withMarket({}, async ({ ctx, yahoo }) => {
    yahoo.setFault({ kind: "status", status: 429, retryAfter: "17" });
    await assert.rejects(
      async () => await getQuote(ctx, "AAPL"),
      (error) => isFailure(error, "no_price_source") && error.details.retryAfterSeconds === 17,
    );
  });
});

Deno.test("a symbol that the first provider does not know is asked of the next", async () => {
  await withMarket({ providers: "demo,yahoo" }, async ({ ctx, asked }) => {
    const demo = await getQuote(ctx, "AAPL");
    assert.deepEqual([demo.quote.source, demo.quote.synthetic, asked()], ["demo", true, 0]);
    const yahoo = await getQuote(ctx, "NFLX");
    assert.deepEqual([yahoo.quote.source, yahoo.quote.synthetic, asked()], ["yahoo", false, 1]);
  });
});

Deno.test("a symbol that nobody knows is refused with what was probably meant, and not asked for again for 30 s", async () => {
  await withMarket({ providers: "demo,yahoo" }, async ({ ctx, another, pass, asked }) => {
    const refused = (isolate: MarketCtx) =>
      assert.rejects(
        async () => await getQuote(isolate, "APPL"),
        (error) =>
          isFailure(error, "unknown_symbol") && error.details.detail === "Did you mean AAPL?",
      );
    for (const isolate of [ctx, ctx, another()]) await refused(isolate);
    pass(29_999);
    await refused(ctx);
    assert.equal(asked(), 1);
    pass(2);
    await refused(ctx);
    // Redis counts by the real clock, so that half a minute has not passed for it.
    assert.equal(asked(), 1);
    assert.equal(await knowsSymbol(ctx, "APPL"), false);
  });
});

Deno.test("while a source that might know it is down, a symbol is not called unknown", async () => {
  await withMarket({ providers: "demo,yahoo" }, async ({ ctx, yahoo }) => {
    yahoo.setFault({ kind: "status", status: 503 });
    await assert.rejects(async () => await getQuote(ctx, "APPL"), failsWith("no_price_source"));
    await assert.rejects(() => knowsSymbol(ctx, "APPL"), failsWith("no_price_source"));
    assert.equal(await knowsSymbol(ctx, "AAPL"), true);
  });
});

Deno.test("what cannot be a symbol is unknown without anybody being asked", async () => {
  await withMarket({}, async ({ ctx, redis, asked }) => {
    for (const text of ["", "aapl", "not a symbol", "A".repeat(21), "../AAPL", "quote:1:AAPL"]) {
      assert.equal(await knowsSymbol(ctx, text), false, text);
    }
    assert.deepEqual([redis.requests(), asked()], [0, 0]);
  });
});

for (const kind of ["refuse", "black_hole", "error", "truncate", "status"] as const) {
  Deno.test(`with Redis in fault (${kind}) quotes go on, from memory and the providers`, async () => {
    await withMarket({}, async ({ ctx, redis, pass, asked }) => {
      redis.setFault({ kind });
      assert.equal((await getQuote(ctx, "AAPL")).quote.stale, false);
      inMemory(ctx, "AAPL");
      pass(61_000);
      assert.equal((await getQuote(ctx, "AAPL")).quote.stale, false);
      assert.equal(asked(), 2);
      redis.setFault(null);
    });
  });
}

Deno.test("what Redis holds is parsed: foreign content counts as absent", async () => {
  await withMarket({}, async ({ ctx, another, asked }) => {
    for (const foreign of ["{", "null", '{"fetchedAtMs":1,"quote":{"price":5}}']) {
      await ctx.redis.call((redis) => redis.set("quote:1:MSFT", foreign));
      assert.equal((await getQuote(another(), "MSFT")).quote.symbol, "MSFT");
    }
    assert.equal(asked(), 3);
  });
});

Deno.test("getQuote() is for people with quotes:read and for jobs", async () => {
  await withMarket({ providers: "demo" }, async ({ ctx }) => {
    await getQuote({ ...ctx, actor: { kind: "system", job: "judge_alerts" } }, "AAPL");
    assert.throws(
      () => getQuote({ ...ctx, actor: { kind: "anonymous" } }, "AAPL"),
      failsWith("not_signed_in"),
    );
    const without = ctx.actor.kind === "person" ? { ...ctx.actor, permissions: new Set("") } : null;
    assert.ok(without);
    assert.throws(() => getQuote({ ...ctx, actor: without }, "AAPL"), failsWith("forbidden"));
  });
});
