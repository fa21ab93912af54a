/** Programs without chance have answers in closed form. */
import assert from "node:assert/strict";
import {
  compileModel,
  runChunk,
  samplePaths,
  summarise,
} from "../../../../services/simulation/model/mod.ts";
import { singleAsset } from "./models.ts";

Deno.test("steady growth with steady saving is an annuity due", () => {
  const months = 240, growth = Math.exp(0.004);
  const program = compileModel(
    singleAsset({ drift: 0.004, volatility: 0, months, initial: 500, monthlyFlow: 10 }),
  );
  const expected = 500 * growth ** months +
    10 * growth * (growth ** months - 1) / (growth - 1);
  const [path] = samplePaths(program, 1, [0]);
  assertRelative(path?.nominal.at(-1), expected);
});

Deno.test("spending that grows with prices is a growing annuity", () => {
  const months = 300, growth = Math.exp(0.005), inflation = Math.exp(0.002), spent = 2;
  const program = compileModel(
    singleAsset({ drift: 0.005, volatility: 0, months, initial: 1000 }),
  );
  const [path] = samplePaths(
    {
      ...program,
      inflation: { mean: 0.002, volatility: 0, persistence: 0 },
      spending: { nominal: [], real: new Array(months).fill(spent) },
    },
    1,
    [0],
  );
  // W G^n - s G (G^n - I^n) / (G - I): payments at the beginning of each month.
  const expected = 1000 * growth ** months -
    spent * growth * (growth ** months - inflation ** months) / (growth - inflation);
  assertRelative(path?.nominal.at(-1), expected);
  assertRelative(path?.real.at(-1), expected / inflation ** months);
});

Deno.test("money runs out in the month that the annuity says, and what is missing adds up", () => {
  // Without growth 100 pays for ten months of 10; two more cannot be paid.
  const program = compileModel(
    singleAsset({ drift: 0, volatility: 0, months: 12, initial: 100, monthlyFlow: -10 }),
  );
  const partial = runChunk({ ...program, rowEnds: [5, 11] }, {
    seed: 1,
    firstPath: 0,
    pathCount: 3,
  });
  const { shortfall, successProbability, rows } = summarise(partial);
  assert.equal(successProbability, 0);
  assert.deepEqual(shortfall, { probability: 1, medianRow: 1, medianAmount: 20 });
  assert.equal(rows[0]?.nominal.p50, 40);
  assert.equal(rows[1]?.nominal.p50, 0);
});

Deno.test("spending exactly everything is a success", () => {
  const program = compileModel(
    singleAsset({ drift: 0, volatility: 0, months: 10, initial: 100, monthlyFlow: -10 }),
  );
  const partial = runChunk(program, { seed: 1, firstPath: 0, pathCount: 1 });
  assert.equal(summarise(partial).successProbability, 1);
});

Deno.test("never, annual and monthly rebalancing hold what they say", () => {
  const months = 24, up = Math.exp(0.01);
  const results = (["never", "annual", "monthly"] as const).map((rebalance) => {
    const model = singleAsset({ drift: 0, volatility: 0, months, rebalance });
    const program = compileModel({
      ...model,
      assets: ["up", "flat"],
      weights: [0.5, 0.5],
      regimes: [{
        name: "only",
        drift: [0.01, 0],
        volatility: [0, 0],
        correlation: [[1, 0], [0, 1]],
      }],
    });
    return samplePaths(program, 1, [0])[0]?.nominal.at(-1);
  });
  assertRelative(results[0], (up ** 24 + 1) / 2);
  assertRelative(results[1], ((up ** 12 + 1) / 2) ** 2);
  assertRelative(results[2], ((up + 1) / 2) ** 24);
});

Deno.test("threshold rebalancing waits until a weight has strayed", () => {
  const months = 48, up = Math.exp(0.01), band = 0.05;
  const model = singleAsset({ drift: 0, volatility: 0, months });
  const program = compileModel({
    ...model,
    assets: ["up", "flat"],
    weights: [0.5, 0.5],
    regimes: [{
      name: "only",
      drift: [0.01, 0],
      volatility: [0, 0],
      correlation: [[1, 0], [0, 1]],
    }],
  });
  const [path] = samplePaths({ ...program, rebalancing: { kind: "threshold", band } }, 1, [0]);
  // The share of what grows passes 0.55 once it has grown by 0.55 / 0.45: after 21 months.
  const wait = Math.ceil(Math.log(0.55 / 0.45) / 0.01);
  assert.equal(wait, 21);
  const expected = ((up ** 21 + 1) / 2) ** 2 * (up ** 6 + 1) / 2;
  assertRelative(path?.nominal.at(-1), expected);
});

function assertRelative(actual: number | undefined, expected: number): void {
  assert.ok(
    actual !== undefined && Math.abs(actual / expected - 1) < 1e-11,
    `${actual} instead of ${expected}`,
  );
}
