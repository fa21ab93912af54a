import assert from "node:assert/strict";
import {
  beginMarket,
  createMarketPath,
  stepMarket,
} from "../../../../services/simulation/model/market_path.ts";
import { stationaryDistribution } from "../../../../services/simulation/model/markov.ts";
import { createStream, seedStream } from "../../../../services/simulation/model/random_stream.ts";
import { fourRegimes } from "./models.ts";

// pi P = pi solved by hand (and by an eigenvector routine) for this matrix, to six decimals.
const longRun = [0.397007, 0.15493, 0.176056, 0.272007];

Deno.test("stationaryDistribution() solves pi P = pi", () => {
  const found = stationaryDistribution(fourRegimes.transition) ?? [];
  assert.deepEqual(found.map((share) => Number(share.toFixed(6))), longRun);
});

Deno.test("stationaryDistribution() gives Hamilton's business cycle its share of expansion", () => {
  // Two states: pi = (1 - q) / (2 - p - q); Hamilton 1989's p and q.
  const [p, q] = [0.9049, 0.755];
  const found = stationaryDistribution([[p, 1 - p], [1 - q, q]]) ?? [];
  assert.ok(Math.abs((found[0] ?? 0) - (1 - q) / (2 - p - q)) < 1e-14);
  assert.equal(found[0]?.toFixed(4), "0.7204");
});

Deno.test("stationaryDistribution() refuses a chain in two parts", () => {
  assert.equal(stationaryDistribution([[1, 0], [0, 1]]), null);
});

Deno.test("regimes last, and recur, as long as the chain says", () => {
  const months = 400_000;
  const visits = walk(months);
  const counts = [0, 0, 0, 0], spells = [0, 0, 0, 0];
  visits.forEach((regime, month) => {
    counts[regime] = (counts[regime] ?? 0) + 1;
    if (regime !== visits[month - 1]) spells[regime] = (spells[regime] ?? 0) + 1;
  });
  fourRegimes.transition.forEach((row, regime) => {
    const mean = 1 / (1 - (row[regime] ?? 0));
    const observed = spells[regime] ?? 1;
    // A spell is geometric: its deviation is sqrt(mean (mean - 1)).
    const error = Math.sqrt(mean * (mean - 1) / observed);
    const length = (counts[regime] ?? 0) / observed;
    assert.ok(Math.abs(length - mean) < 4 * error, `regime ${regime} lasts ${length}`);
    // Months in one spell come together, so a share is as sure as that of months / (2 mean) draws.
    const share = longRun[regime] ?? 0;
    const spread = Math.sqrt(share * (1 - share) * 2 * 20 / months);
    assert.ok(Math.abs((counts[regime] ?? 0) / months - share) < 4 * spread);
  });
});

Deno.test("a path begins in the regime it is told to, or anywhere in the long run", () => {
  assert.deepEqual(firstRegimes("volatile", 200), [0, 0, 200, 0]);
  const counts = firstRegimes("stationary", 40_000);
  counts.forEach((count, regime) => {
    const share = longRun[regime] ?? 0;
    const error = Math.sqrt(share * (1 - share) / 40_000);
    assert.ok(Math.abs(count / 40_000 - share) < 4 * error, `regime ${regime}: ${count}`);
  });
});

function walk(months: number): Uint8Array {
  const market = createMarketPath(fourRegimes);
  const stream = createStream();
  seedStream(stream, 5, 0);
  beginMarket(market);
  return Uint8Array.from({ length: months }, () => {
    stepMarket(market, stream);
    return market.regime;
  });
}

function firstRegimes(start: string, paths: number): number[] {
  const market = createMarketPath({ ...fourRegimes, start });
  const stream = createStream();
  const counts = [0, 0, 0, 0];
  for (let path = 0; path < paths; path++) {
    seedStream(stream, 5, path);
    beginMarket(market);
    stepMarket(market, stream);
    counts[market.regime] = (counts[market.regime] ?? 0) + 1;
  }
  return counts;
}
