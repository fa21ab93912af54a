import assert from "node:assert/strict";
import { dayMs, hourMs, minuteMs } from "../../lib/time.ts";
import {
  type Interval,
  ProviderFailure,
  type ProviderFailureKind,
  type QuoteProvider,
} from "../../services/market_data/ports.ts";

/** What a vendor with an outside can be made to do. */
export type QuoteTrouble =
  | "limited"
  | "down"
  | "silent"
  | "gone"
  | "html"
  | "cut"
  | "endless"
  | "not_a_number"
  | "negative"
  | "zero"
  | "other_symbol";

export interface QuoteVendor {
  name: string;
  /** Begins at `nowMs`, gives up on an answer within half a second. */
  start(nowMs: number): Promise<QuoteVendorRun>;
}

export interface QuoteVendorRun {
  provider: QuoteProvider;
  /** A share that traded on the day before and trades at the moment of the start. */
  symbol: string;
  /** A coin, which trades always. */
  coin: string;
  /** Missing where there is no outside that could fail. */
  trouble?(kind: QuoteTrouble | null): void;
  stop(): Promise<void>;
}

/** A Wednesday, 11:00 in New York. */
const nowMs = Date.parse("2026-10-07T15:00:00Z");
const decimalPattern = /^\d+(\.\d*[1-9])?$/;
const { signal } = new AbortController();

const failures: Record<QuoteTrouble, ProviderFailureKind[]> = {
  limited: ["limited"],
  down: ["unavailable"],
  silent: ["unavailable"],
  gone: ["unavailable"],
  html: ["malformed"],
  cut: ["malformed", "unavailable"],
  endless: ["malformed", "unavailable"],
  not_a_number: ["malformed"],
  negative: ["malformed"],
  zero: ["malformed"],
  other_symbol: ["malformed"],
};

/** What every source of prices must do, tried on one vendor. */
export function testQuoteProvider(vendor: QuoteVendor): void {
  for (const [guarantee, hold] of Object.entries(guarantees)) {
    Deno.test(`${vendor.name} ${guarantee}`, async () => {
      const run = await vendor.start(nowMs);
      try {
        await hold(run);
      } finally {
        await run.stop();
      }
    });
  }
}

const guarantees: Record<string, (run: QuoteVendorRun) => Promise<void>> = {
  "quotes what was asked, with exact prices, its time and its source": async (run) => {
    for (const symbol of [run.symbol, run.coin]) {
      const quote = await run.provider.quote(symbol, { signal });
      assert.equal(quote.symbol, symbol);
      assert.equal(quote.source, run.provider.name);
      assert.match(quote.currency, /^[A-Z]{3}$/);
      assert.equal(quote.session, "regular");
      assert.ok(quote.volume >= 0);
      assert.ok(quote.asOfMs <= nowMs && quote.asOfMs > nowMs - dayMs, String(quote.asOfMs));
      assertPrices(quote.price, quote.previousClose);
      for (const side of [quote.bid, quote.ask]) if (side !== undefined) assertPrices(side);
    }
  },

  "gives bars in order, each once, inside the range and whole": async ({ provider, coin }) => {
    const lengths: [Interval, number, number][] = [
      ["1d", dayMs, 20],
      ["1h", hourMs, 20],
      ["5m", 5 * minuteMs, 20],
      ["1m", minuteMs, 20],
    ];
    for (const [interval, stepMs, count] of lengths) {
      const to = Math.floor(nowMs / stepMs) * stepMs;
      const from = to - count * stepMs;
      const bars = await provider.bars(coin, { interval, from, to, signal });
      assert.deepEqual(
        bars.map(({ startMs }) => startMs),
        Array.from({ length: count }, (_, at) => from + at * stepMs),
        interval,
      );
      for (const { open, high, low, close, volume, source } of bars) {
        assertPrices(open, high, low, close);
        assert.ok(
          Number(high) >= Math.max(Number(open), Number(close)),
          `${high} ${open} ${close}`,
        );
        assert.ok(Number(low) <= Math.min(Number(open), Number(close)), `${low} ${open} ${close}`);
        assert.ok(volume >= 0);
        assert.equal(source, provider.name);
      }
      assert.equal(new Set(bars.map(({ adjusted }) => adjusted)).size, 1);
    }
  },

  "stamps a day of a share with midnight UTC of its trading day": async (run) => {
    const range = { from: Date.parse("2026-09-28"), to: Date.parse("2026-10-06"), signal };
    const bars = await run.provider.bars(run.symbol, { ...range, interval: "1d" });
    // A Monday to the next one, without the weekend.
    assert.deepEqual(
      bars.map(({ startMs }) => new Date(startMs).toISOString().slice(0, 10)),
      ["2026-09-28", "2026-09-29", "2026-09-30", "2026-10-01", "2026-10-02", "2026-10-05"],
    );
  },

  "ends the latest day at the quoted price, and yesterday at the previous close": async (run) => {
    const { price, previousClose } = await run.provider.quote(run.symbol, { signal });
    const range = { from: nowMs - 7 * dayMs, to: nowMs + dayMs, signal };
    const bars = await run.provider.bars(run.symbol, { ...range, interval: "1d" });
    assert.deepEqual(bars.slice(-2).map(({ close }) => close), [previousClose, price]);
  },

  "gives the same bars however often it is asked": async ({ provider, symbol }) => {
    const range = { interval: "1d", from: nowMs - 30 * dayMs, to: nowMs - dayMs, signal } as const;
    assert.deepEqual(await provider.bars(symbol, range), await provider.bars(symbol, range));
  },

  "has no bars where there was no trading": async ({ provider, symbol }) => {
    const range = { from: Date.parse("1950-01-02"), to: Date.parse("1950-02-01"), signal };
    assert.deepEqual(await provider.bars(symbol, { ...range, interval: "1d" }), []);
  },

  "says that it does not know a symbol": async ({ provider }) => {
    const range = { from: nowMs - dayMs, to: nowMs, signal };
    await assertFails(() => provider.quote("NO-SUCH", { signal }), ["unknown_symbol"]);
    await assertFails(
      () => provider.bars("NO-SUCH", { ...range, interval: "1d" }),
      ["unknown_symbol"],
    );
  },

  "fails by name, never with a wrong price, and recovers": async (run) => {
    if (!run.trouble) return;
    const range = { from: nowMs - 7 * dayMs, to: nowMs, signal };
    for (const [kind, expected] of Object.entries(failures)) {
      run.trouble(kind as QuoteTrouble);
      await assertFails(() => run.provider.quote(run.symbol, { signal }), expected, kind);
      await assertFails(
        () => run.provider.bars(run.symbol, { ...range, interval: "1d" }),
        expected,
        kind,
      );
    }
    run.trouble(null);
    assert.equal((await run.provider.quote(run.symbol, { signal })).symbol, run.symbol);
  },

  "rejects with the caller's own reason when he gives up": async ({ provider, symbol }) => {
    const reason = new Error("no longer needed");
    const given = { signal: AbortSignal.abort(reason) };
    await assert.rejects(provider.quote(symbol, given), (error) => error === reason);
  },
};

function assertPrices(...prices: string[]) {
  for (const price of prices) {
    assert.match(price, decimalPattern);
    assert.ok(Number(price) > 0, price);
  }
}

async function assertFails(
  ask: () => Promise<unknown>,
  kinds: ProviderFailureKind[],
  name: string = kinds.join(),
) {
  const error = await ask().then((answer) => answer, (error) => error);
  assert.ok(error instanceof ProviderFailure, `${name}: ${JSON.stringify(error)}`);
  assert.ok(kinds.includes(error.kind), `${name}: ${error.message}`);
}
