import assert from "node:assert/strict";
import { silentLog } from "../../../../lib/log.ts";
import { ProviderFailure, type QuoteProvider } from "../../../../services/market_data/ports.ts";
import { create } from "../../../../services/market_data/providers/demo/mod.ts";
import { guarded } from "../../../../services/market_data/providers/guarded.ts";
import { withMarket } from "../market_world.ts";

const { signal } = new AbortController();
const failsWith = (kind: string) => (error: unknown) =>
  error instanceof ProviderFailure && error.kind === kind;

Deno.test("a provider that fails five times in a row is left alone for 10 s, then tried once", async () => {
  await withMarket({}, async ({ ctx, yahoo, asked, pass }) => {
    const [provider] = await ctx.vendors.quotes() as [QuoteProvider];
    const fails = () =>
      assert.rejects(provider.quote("AAPL", { signal }), failsWith("unavailable"));
    yahoo.setFault({ kind: "status", status: 500 });
    for (let time = 0; time < 8; time++) await fails();
    assert.equal(asked(), 5);
    pass(10_000);
    await fails();
    await fails();
    assert.equal(asked(), 6);
    yahoo.setFault(null);
    pass(10_000);
    assert.equal((await provider.quote("AAPL", { signal })).symbol, "AAPL");
    assert.equal((await provider.quote("MSFT", { signal })).symbol, "MSFT");
  });
});

Deno.test("symbols that a provider does not know never open its circuit", async () => {
  await withMarket({}, async ({ ctx, asked }) => {
    const [provider] = await ctx.vendors.quotes() as [QuoteProvider];
    for (let time = 0; time < 8; time++) {
      await assert.rejects(provider.quote("NOPE", { signal }), failsWith("unknown_symbol"));
    }
    assert.equal(asked(), 8);
  });
});

Deno.test("an adapter's own fault is logged and counts as an answer that makes no sense", async () => {
  const logged: unknown[] = [];
  const log = { ...silentLog, error: (_: string, fields: unknown) => logged.push(fields) };
  const broken = {
    ...create(() => 0),
    quote: () => Promise.reject(new TypeError("secret detail")),
  };
  const provider = guarded(broken, () => 0, log);
  await assert.rejects(
    provider.quote("AAPL", { signal }),
    (error) => error instanceof ProviderFailure && error.reason === "its adapter failed",
  );
  assert.equal(logged.length, 1);
});

Deno.test("the settings name the providers and their order, and a name without a provider stops the start", async () => {
  const namesOf = async (providers: string) => {
    let names: string[] = [];
    await withMarket({ providers }, async ({ ctx }) => {
      names = (await ctx.vendors.quotes()).map(({ name }) => name);
    });
    return names;
  };
  assert.deepEqual(await namesOf("demo,yahoo"), ["demo", "yahoo"]);
  assert.deepEqual(await namesOf("yahoo"), ["yahoo"]);
  await assert.rejects(namesOf("demo,toString"), /MARKET_PROVIDERS: must be one of yahoo, demo/);
});
