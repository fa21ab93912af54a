import assert from "node:assert/strict";
import {
  type AssetClass,
  assetClasses,
  type CapitalMarketAssumptions,
  compilePlan,
  findAssumptions,
  portfolioModels,
  shippedAssumptions,
} from "../../../../services/plans/model/mod.ts";
import { marketIssues } from "../../../../services/simulation/model/mod.ts";
import { stationaryDistribution } from "../../../../services/simulation/model/markov.ts";
import { completeWith } from "../example_plan.ts";

Deno.test("three sets are shipped, each with the four regimes and a note on where it is from", () => {
  assert.deepEqual(shippedAssumptions.map((set) => set.name), [
    "conservative",
    "base",
    "optimistic",
  ]);
  for (const set of shippedAssumptions) {
    assert.deepEqual(set.regimes.map((regime) => regime.name), [
      "bull",
      "bear",
      "volatile",
      "stable",
    ]);
    assert.ok(set.source.length > 20);
  }
  assert.equal(findAssumptions("base", 2), undefined);
});

Deno.test("each shipped set is a market that the engine accepts, all seven classes at once", () => {
  const weights = Object.fromEntries(assetClasses.map((asset) => [asset, 1 / 7]));
  const plan = completeWith({ allocation: { weights } });
  for (const set of shippedAssumptions) {
    assert.deepEqual(marketIssues(compilePlan(plan, set).market), [], set.name);
  }
});

Deno.test("the regimes add up to the long-run means and volatilities that each set states", () => {
  for (const set of shippedAssumptions) {
    for (const asset of assetClasses) {
      const [mean, volatility] = oneYear(set, asset);
      const stated = set.longRun[asset];
      assert.ok(Math.abs(mean - stated.mean) < 0.0005, `${set.name} ${asset}: mean ${mean}`);
      assert.ok(
        Math.abs(volatility - stated.volatility) < 0.0005,
        `${set.name} ${asset}: volatility ${volatility}`,
      );
    }
  }
});

Deno.test("the base set is plausible: stocks 7 % at 16 %, bonds 4 % at 6 %, cash and inflation 2.5 %", () => {
  const base = findAssumptions("base", 1);
  assert.ok(base);
  assert.deepEqual(base.longRun.us_equity, { mean: 0.07, volatility: 0.16 });
  assert.deepEqual(base.longRun.bonds, { mean: 0.04, volatility: 0.06 });
  assert.equal(base.longRun.cash.mean, 0.025);
  assert.equal(base.inflation.mean, 0.025);
});

Deno.test("every class earns more from set to set, and stocks fall in no regime but the bear's", () => {
  const [conservative, base, optimistic] = shippedAssumptions;
  assert.ok(conservative && base && optimistic);
  for (const asset of assetClasses) {
    assert.ok(conservative.longRun[asset].mean < base.longRun[asset].mean, asset);
    assert.ok(base.longRun[asset].mean < optimistic.longRun[asset].mean, asset);
  }
  assert.ok(conservative.inflation.mean > optimistic.inflation.mean);
  for (const set of shippedAssumptions) {
    const falling = set.regimes.filter((regime) => regime.mean.us_equity < 0);
    assert.deepEqual(falling.map((regime) => regime.name), ["bear"]);
  }
});

Deno.test("portfolio models are mixes that sum to one and grow bolder", () => {
  assert.deepEqual(portfolioModels.map((model) => model.name), [
    "conservative",
    "balanced",
    "aggressive",
  ]);
  let previous = 0;
  for (const { weights } of portfolioModels) {
    const sum = assetClasses.reduce((total, asset) => total + weights[asset], 0);
    assert.ok(Math.abs(sum - 1) < 1e-12);
    const equity = weights.us_equity + weights.intl_equity;
    assert.ok(equity > previous);
    previous = equity;
  }
});

/**
 * Mean and standard deviation of the simple return of one year that begins in the long run, with
 * normal shocks: E[growth^h] = pi D (P D)^11 1 with D the diagonal of exp(h mu + h^2 sigma^2 / 2).
 */
function oneYear(set: CapitalMarketAssumptions, asset: AssetClass): [number, number] {
  const moment = (h: number) => {
    const month = set.regimes.map(({ mean, volatility }) =>
      Math.exp(h * mean[asset] / 12 + h * h * volatility[asset] ** 2 / 24)
    );
    let law = (stationaryDistribution(set.transition) ?? []).map((share, k) =>
      share * (month[k] ?? 0)
    );
    for (let later = 1; later < 12; later++) {
      law = month.map((growth, j) =>
        growth * law.reduce((sum, share, i) => sum + share * (set.transition[i]?.[j] ?? 0), 0)
      );
    }
    return law.reduce((sum, share) => sum + share, 0);
  };
  const mean = moment(1);
  return [mean - 1, Math.sqrt(moment(2) - mean * mean)];
}
