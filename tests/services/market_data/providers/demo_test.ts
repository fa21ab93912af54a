import assert from "node:assert/strict";
import fc from "fast-check";
import { currentOrNextHours, dayNumber, tradingHours } from "../../../../lib/calendar.ts";
import { dayMs, hourMs, minuteMs, secondMs } from "../../../../lib/time.ts";
import { create } from "../../../../services/market_data/providers/demo/mod.ts";
import type { ProviderBar } from "../../../../services/market_data/ports.ts";

/** A Friday, two hours before New York opens. */
const now = Date.parse("2026-11-20T12:30:00Z");
const { signal } = new AbortController();
const everything = { interval: "1d", from: 0, to: now, signal } as const;
const at = (moment: number) => create(() => moment);
const symbols = at(now).symbols?.() ?? [];
const anySymbol = fc.constantFrom(...symbols);
/** Whole seconds, since its prices change once a second. */
const anyMoment = fc.integer({ min: Date.parse("2015-01-05") / secondMs, max: now / secondMs })
  .map((seconds) => seconds * secondMs);

Deno.test("the demo market has sixty instruments, those that everybody tries first among them", () => {
  assert.equal(new Set(symbols).size, 60);
  const first = "SPY QQQ AAPL MSFT GOOG IBM BND TIP VNQ EFA GLD SLV USO DBA " +
    "BTC-USD ETH-USD SOL-USD MATIC-USD LINK-USD";
  for (const symbol of first.split(" ")) assert.ok(symbols.includes(symbol), symbol);
});

Deno.test("two instances of the demo market agree on every price, whatever they were asked before", async () => {
  await fc.assert(
    fc.asyncProperty(anySymbol, anyMoment, anyMoment, async (symbol, moment, earlier) => {
      let clock = earlier;
      const asked = create(() => clock);
      await asked.quote(symbol, { signal });
      clock = moment;
      assert.deepEqual(
        await asked.quote(symbol, { signal }),
        await at(moment).quote(symbol, { signal }),
      );
    }),
    { numRuns: 40 },
  );
  assert.deepEqual(await at(now).bars("IBM", everything), await at(now).bars("IBM", everything));
});

Deno.test("every daily bar since 2015 is whole: low, high and volume are, and no price is zero", async () => {
  const market = at(now);
  for (const symbol of symbols) {
    const bars = await market.bars(symbol, everything);
    const isCoin = symbol.endsWith("-USD");
    assert.equal(bars.length, isCoin ? 4_341 : 2_989, symbol);
    for (const bar of bars) assertWhole(bar, symbol);
  }
});

Deno.test("shares trade on New York's days only, coins on every day", async () => {
  const days = async (symbol: string) =>
    (await at(now).bars(symbol, everything)).map(({ startMs }) => startMs / dayMs);
  for (const day of await days("SPY")) assert.ok(tradingHours(day), String(day));
  const coinDays = await days("BTC-USD");
  assert.deepEqual(coinDays, coinDays.map((_, at) => dayNumber("2015-01-02") + at));
});

Deno.test("after the close a share costs the day's close, and its next day begins from there", async () => {
  const { closeMs } = tradingHours(dayNumber("2026-11-19"))!;
  for (const symbol of ["AAPL", "BND", "BRK.B"]) {
    const [bar] = await at(now).bars(symbol, { ...everything, from: Date.parse("2026-11-19") });
    const closed = await at(closeMs + hourMs).quote(symbol, { signal });
    assert.deepEqual([closed.price, closed.asOfMs, closed.session], [bar?.close, closeMs, "post"]);
    assert.equal(closed.volume, bar?.volume);
    const next = await at(now + 3 * hourMs).quote(symbol, { signal });
    assert.deepEqual([next.previousClose, next.session], [bar?.close, "regular"]);
  }
});

Deno.test("the price of a day stays inside its bar, and meets it at both ends", async () => {
  const { openMs, closeMs } = tradingHours(dayNumber("2026-11-18"))!;
  const day = { ...everything, from: Date.parse("2026-11-18"), to: Date.parse("2026-11-19") };
  const [bar] = await at(now).bars("TSLA", day);
  const prices: number[] = [];
  let clock = openMs;
  const market = create(() => clock);
  for (; clock < closeMs; clock += 10 * secondMs) {
    prices.push(Number((await market.quote("TSLA", { signal })).price));
  }
  assert.equal(prices[0], Number(bar?.open));
  assert.equal(Math.max(...prices), Number(bar?.high));
  assert.equal(Math.min(...prices), Number(bar?.low));
  const justBefore = await at(closeMs - secondMs).quote("TSLA", { signal });
  assert.ok(Math.abs(Number(justBefore.price) / Number(bar?.close) - 1) < 0.002);
});

Deno.test("bars within a day add up to the day", async () => {
  const range = { from: Date.parse("2026-11-18"), to: Date.parse("2026-11-19"), signal };
  for (const symbol of ["SPY", "ETH-USD"]) {
    const [day] = await at(now).bars(symbol, { ...range, interval: "1d" });
    for (const interval of ["1h", "5m", "1m"] as const) {
      const bars = await at(now).bars(symbol, { ...range, interval });
      for (const bar of bars) assertWhole(bar, symbol);
      assert.deepEqual([bars[0]?.open, bars.at(-1)?.close], [day?.open, day?.close], interval);
      assert.equal(Math.max(...bars.map(({ high }) => Number(high))), Number(day?.high), interval);
      assert.equal(Math.min(...bars.map(({ low }) => Number(low))), Number(day?.low), interval);
      assert.equal(bars.reduce((sum, { volume }) => sum + volume, 0), day?.volume, interval);
    }
  }
});

Deno.test("a day that is not over tells nothing of what is still to come", async () => {
  const { openMs } = currentOrNextHours(now);
  const range = { ...everything, from: Date.parse("2026-11-20"), to: Date.parse("2026-11-21") };
  const seen: number[] = [];
  for (let moment = openMs; moment < openMs + hourMs; moment += 5 * minuteMs) {
    seen.push(Number((await at(moment).quote("NVDA", { signal })).price));
    const [forming] = await at(moment).bars("NVDA", range);
    assert.ok(Number(forming?.high) >= Math.max(...seen));
    assert.equal(Number(forming?.close), seen.at(-1));
  }
  assert.deepEqual(await at(openMs - 1).bars("NVDA", range), []);
});

Deno.test("volume grows through the session and never shrinks", async () => {
  const { openMs, closeMs } = currentOrNextHours(now);
  let before = 0;
  let clock = openMs;
  const market = create(() => clock);
  for (; clock <= closeMs; clock += minuteMs) {
    const { volume } = await market.quote("KO", { signal });
    assert.ok(volume >= before);
    before = volume;
  }
  assert.ok(before > 0);
});

Deno.test("instruments move together as much as they do in the world", async () => {
  const between = async (a: string, b: string) =>
    correlation(await returnsOf(a), await returnsOf(b));
  assert.ok(await between("SPY", "QQQ") > 0.8);
  assert.ok(await between("SPY", "AAPL") > 0.55);
  assert.ok(await between("BTC-USD", "ETH-USD") > 0.65);
  assert.ok(Math.abs(await between("SPY", "GLD")) < 0.25);
  assert.ok(await between("SPY", "TLT") < 0);
});

async function returnsOf(symbol: string): Promise<number[]> {
  const closes = (await at(now).bars(symbol, everything)).map(({ close }) => Number(close));
  return closes.slice(1).map((close, at) => close / (closes[at] ?? NaN) - 1);
}

function correlation(a: number[], b: number[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanA = mean(a), meanB = mean(b);
  const covariance = mean(a.map((value, at) => (value - meanA) * ((b[at] ?? NaN) - meanB)));
  const variance = (values: number[], of: number) => mean(values.map((value) => (value - of) ** 2));
  return covariance / Math.sqrt(variance(a, meanA) * variance(b, meanB));
}

function assertWhole({ open, high, low, close, volume, startMs }: ProviderBar, symbol: string) {
  const [o, h, l, c] = [open, high, low, close].map(Number) as [number, number, number, number];
  const isWhole = 0 < l && l <= Math.min(o, c) && Math.max(o, c) <= h && Number.isInteger(volume);
  assert.ok(isWhole && volume >= 0, `${symbol} ${startMs}: ${[open, high, low, close, volume]}`);
}
