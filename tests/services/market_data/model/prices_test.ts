import assert from "node:assert/strict";
import {
  hasEnded,
  priceChange,
  resembling,
  withCents,
} from "../../../../services/market_data/model/mod.ts";

Deno.test("priceChange() is exact, however many decimals the prices have", () => {
  const cases: [from: string, to: string, change: string, fraction: number][] = [
    ["188.14", "189.98", "1.84", 0.00978],
    ["0.1", "0.3", "0.2", 2],
    ["100.00", "99.99", "-0.01", -0.0001],
    ["0.174156", "0.18", "0.005844", 0.033556],
    ["5", "5.00", "0.00", 0],
    ["99999999999999.99", "100000000000000.00", "0.01", 0],
  ];
  for (const [from, to, change, changePercent] of cases) {
    assert.deepEqual(priceChange(from, to), { change, changePercent }, `${from} ${to}`);
  }
});

Deno.test("withCents() writes two decimals at least and loses none", () => {
  assert.deepEqual(["5", "5.1", "5.12", "0.174156"].map(withCents), [
    "5.00",
    "5.10",
    "5.12",
    "0.174156",
  ]);
});

Deno.test("resembling() finds slips of the keyboard and nothing far-fetched", () => {
  const known = ["AAPL", "MSFT", "MA", "META", "BTC-USD", "BRK.B", "BND", "V"];
  assert.deepEqual(resembling("APPL", known, 3), ["AAPL"]);
  assert.deepEqual(resembling("MSTF", known, 3), ["MSFT"]);
  assert.deepEqual(resembling("BTC", known, 3), ["BTC-USD"]);
  assert.deepEqual(resembling("BRKB", known, 3), ["BRK.B"]);
  assert.deepEqual(resembling("BNB", known, 3), ["BND"]);
  assert.deepEqual(resembling("ZZZZZZ", known, 3), []);
});

Deno.test("hasEnded() waits for New York's close, for pairs of currencies till midnight", () => {
  const friday = Date.parse("2026-11-20");
  const cases: [symbol: string, at: string, ended: boolean][] = [
    ["AAPL", "2026-11-20T20:59:59Z", false],
    ["AAPL", "2026-11-20T21:00:00Z", true],
    ["BRK-B", "2026-11-20T21:00:00Z", true],
    ["BTC-USD", "2026-11-20T23:59:59Z", false],
    ["BTC-USD", "2026-11-21T00:00:00Z", true],
  ];
  for (const [symbol, at, ended] of cases) {
    assert.equal(hasEnded(symbol, friday, Date.parse(at)), ended, `${symbol} ${at}`);
  }
});
