/** The engine against laws that can be written down. */
import assert from "node:assert/strict";
import {
  compileModel,
  type ExplicitModel,
  mergePartials,
  type PartialResult,
  runChunk,
  summarise,
  terminalQuantile,
} from "../../../../services/simulation/model/mod.ts";
import {
  beginMarket,
  createMarketPath,
  stepMarket,
} from "../../../../services/simulation/model/market_path.ts";
import { createStream, seedStream } from "../../../../services/simulation/model/random_stream.ts";
import { fourRegimes, singleAsset } from "./models.ts";

Deno.test("wealth under normal returns is lognormal", () => {
  // Log drift 0.07 and sigma 0.15 a year for 30 years: exp(2.1 + 0.15 sqrt(30) z) times 100,000.
  const points = [[0.05, 211_406.97], [0.5, 816_616.99], [0.95, 3_154_405.54]] as const;
  const paths = 20_000;
  const partial = simulated(
    singleAsset({
      drift: 0.07 / 12,
      volatility: 0.15 / Math.sqrt(12),
      months: 360,
      initial: 100_000,
    }),
    paths,
  );
  const sigma = 0.15 * Math.sqrt(30);
  const zOf = { 0.05: -1.6448536, 0.5: 0, 0.95: 1.6448536 };
  for (const [share, point] of points) {
    const density = Math.exp(-0.5 * zOf[share] ** 2) / Math.sqrt(2 * Math.PI) / sigma;
    assertQuantile(partial, share, Math.log(point), density, paths);
  }
  // The mean of a lognormal law is exp(mu + sigma^2 / 2).
  const { mean, sd } = summarise(partial).terminal;
  const expected = 100_000 * Math.exp(2.1 + sigma * sigma / 2);
  assert.ok(Math.abs(mean - expected) < 4 * sd / Math.sqrt(paths), `mean ${mean}`);
});

Deno.test("a month's Student-t return has the tails of the t law, scaled to unit variance", () => {
  // Points of t with 5 degrees of freedom at 0.95 and 0.99 (any printed table).
  const points = [[0.01, -3.36493], [0.05, -2.015048], [0.5, 0], [0.95, 2.015048], [
    0.99,
    3.36493,
  ]] as const;
  const paths = 200_000, volatility = 0.05;
  const partial = simulated(
    singleAsset({ drift: 0, volatility, months: 1, innovations: { kind: "student_t", dof: 5 } }),
    paths,
  );
  const unit = volatility * Math.sqrt(3 / 5);
  for (const [share, t] of points) {
    // Density of t(5): 8 / (3 pi sqrt 5) (1 + t^2 / 5)^-3.
    const density = 8 / (3 * Math.PI * Math.sqrt(5)) * (1 + t * t / 5) ** -3 / unit;
    assertQuantile(partial, share, unit * t, density, paths);
  }
});

Deno.test("wealth under two regimes is the mixture of normals over their occupancy", () => {
  // A regime-switching lognormal model of the S&P 500 (Hardy 2001's form); ten years.
  const months = 120, paths = 100_000;
  const partial = simulated(twoRegimes(months), paths);
  const law = occupancyMixture(months);
  // Quantiles of the ten-year factor, computed apart from this code.
  const points = [[0.025, 1.1823], [0.05, 1.4049], [0.1, 1.704], [0.5, 3.2293], [0.9, 5.8414], [
    0.95,
    6.8721,
  ]] as const;
  for (const [share, point] of points) {
    assert.ok(Math.abs(law.below(Math.log(point)) - share) < 2e-5, `oracle at ${share}`);
    assertQuantile(partial, share, Math.log(point), law.density(Math.log(point)), paths);
  }
});

Deno.test("innovations have zero mean and unit variance, and extremes come together", () => {
  const draws = 200_000, dof = 10;
  const flat = fourRegimes.regimes.slice(0, 1).map((regime) => ({
    ...regime,
    drift: [0, 0],
    volatility: [0.01, 0.01],
    correlation: [[1, 0.6], [0.6, 1]],
  }));
  const market = createMarketPath({
    ...fourRegimes,
    regimes: flat,
    transition: [[1]],
    innovations: { kind: "student_t", dof },
  });
  const stream = createStream();
  seedStream(stream, 9, 0);
  beginMarket(market);
  const sums = { a: 0, aa: 0, ab: 0, aabb: 0, aaaa: 0 };
  for (let draw = 0; draw < draws; draw++) {
    stepMarket(market, stream);
    const [a, b] = [...market.growth].map((growth) => Math.log(growth) / 0.01) as [number, number];
    sums.a += a / draws;
    sums.aa += a * a / draws;
    sums.ab += a * b / draws;
    sums.aabb += a * a * b * b / draws;
    sums.aaaa += a ** 4 / draws;
  }
  const error = 1 / Math.sqrt(draws);
  // Var[a^2] = 3 (dof - 2) / (dof - 4) - 1 = 3.
  assert.ok(Math.abs(sums.a) < 4 * error, `mean ${sums.a}`);
  assert.ok(Math.abs(sums.aa - 1) < 4 * Math.sqrt(3) * error, `variance ${sums.aa}`);
  assert.ok(Math.abs(sums.ab - 0.6) < 4 * 1.6 * error, `correlation ${sums.ab}`);
  // E[a^2 b^2] = (1 + 2 rho^2) E[W^4], E[W^4] = 8 / 6; independent scales would give (1 + 2 rho^2).
  assert.ok(Math.abs(sums.aabb - 1.72 * 8 / 6) < 0.15, `common scale ${sums.aabb}`);
  assert.ok(Math.abs(sums.aaaa - 4) < 0.4, `kurtosis ${sums.aaaa}`);
});

Deno.test("time spent in regimes and the one-year risk agree with the law of a single year", () => {
  const paths = 40_000;
  const summary = summarise(
    simulated(singleAsset({ drift: 0.005, volatility: 0.04, months: 12 }), paths),
  );
  const mu = 0.06, sigma = 0.04 * Math.sqrt(12);
  // Losses of a lognormal year: 1 - exp(mu + sigma z), and the mean of the tail in closed form.
  const var95 = 1 - Math.exp(mu - 1.6448536 * sigma);
  const tail = Math.exp(mu + sigma * sigma / 2) * normalBelow(-1.6448536 - sigma) / 0.05;
  assert.ok(Math.abs(summary.risk.historical.var95 - var95) < 0.005);
  assert.ok(Math.abs(summary.risk.historical.cvar95 - (1 - tail)) < 0.005);
  const skewness = (Math.exp(sigma ** 2) + 2) * Math.sqrt(Math.exp(sigma ** 2) - 1);
  assert.ok(Math.abs(summary.risk.moments.skewness - skewness) < 0.06);
  assert.ok(Math.abs(summary.risk.cornishFisher.var95 - var95) < 0.005);
  assert.ok(summary.risk.parametric.var95 > var95);
  assert.deepEqual(summary.regimes, [1]);
});

function twoRegimes(months: number): ExplicitModel {
  return singleAsset({
    drift: 0,
    volatility: 0,
    months,
    regimes: [
      { name: "calm", drift: [0.0126], volatility: [0.035], correlation: [[1]] },
      { name: "storm", drift: [-0.0185], volatility: [0.0748], correlation: [[1]] },
    ],
    transition: [[0.9602, 0.0398], [0.3798, 0.6202]],
    start: "stationary",
  });
}

/** The exact law of the sum of log returns: normal given the months spent in the storm. */
function occupancyMixture(months: number) {
  const stormy = 0.0398 / (0.0398 + 0.3798);
  let calm = [1 - stormy, ...new Array<number>(months).fill(0)];
  let storm = [0, stormy, ...new Array<number>(months - 1).fill(0)];
  for (let month = 1; month < months; month++) {
    const nextCalm = calm.map((share, k) => share * 0.9602 + (storm[k] ?? 0) * 0.3798);
    storm = storm.map((_, k) =>
      k === 0 ? 0 : (calm[k - 1] ?? 0) * 0.0398 + (storm[k - 1] ?? 0) * 0.6202
    );
    calm = nextCalm;
  }
  const parts = calm.map((share, k) => ({
    share: share + (storm[k] ?? 0),
    mean: 0.0126 * (months - k) - 0.0185 * k,
    sd: Math.sqrt(0.035 ** 2 * (months - k) + 0.0748 ** 2 * k),
  }));
  return {
    below: (x: number) =>
      parts.reduce((sum, part) => sum + part.share * normalBelow((x - part.mean) / part.sd), 0),
    density: (x: number) =>
      parts.reduce((sum, part) => {
        const z = (x - part.mean) / part.sd;
        return sum + part.share * Math.exp(-0.5 * z * z) / part.sd / Math.sqrt(2 * Math.PI);
      }, 0),
  };
}

/** P(Z <= z) by Marsaglia's series (2004), good to 1e-15 for |z| < 7. */
function normalBelow(z: number): number {
  if (z < -9) return 0;
  if (z > 9) return 1;
  let sum = z, term = z, previous = 0;
  for (let odd = 3; sum !== previous; odd += 2) {
    previous = sum;
    term *= z * z / odd;
    sum += term;
  }
  return 0.5 + sum * Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
}

/** Two chunks, so that every law here is also a test of merging. */
function simulated(model: ExplicitModel, paths: number): PartialResult {
  const program = compileModel(model);
  const half = paths / 2;
  return mergePartials([
    runChunk(program, { seed: 2026, firstPath: half, pathCount: half }),
    runChunk(program, { seed: 2026, firstPath: 0, pathCount: half }),
  ]);
}

/** The quantile of log wealth must be within four standard errors (and half a bin) of `expected`. */
function assertQuantile(
  partial: PartialResult,
  share: number,
  expected: number,
  density: number,
  paths: number,
): void {
  const error = Math.sqrt(share * (1 - share) / paths) / density;
  const found = Math.log(terminalQuantile(partial, share));
  assert.ok(
    Math.abs(found - expected) < 4 * error + 0.0005,
    `quantile ${share}: ${found} instead of ${expected}, standard error ${error}`,
  );
}
