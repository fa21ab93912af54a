import assert from "node:assert/strict";
import {
  cornishFisherLosses,
  parametricLosses,
} from "../../../../services/simulation/model/risk.ts";
import { normalQuantile } from "../../../../services/simulation/model/normal.ts";

Deno.test("parametricLosses() of a standard normal are the textbook's", () => {
  const losses = parametricLosses({ mean: 0, sd: 1, skewness: 5, excessKurtosis: 9 });
  assert.equal(losses.var95.toFixed(6), "1.644854");
  assert.equal(losses.cvar95.toFixed(6), "2.062713");
  assert.equal(losses.var99.toFixed(6), "2.326348");
  assert.equal(losses.cvar99.toFixed(6), "2.665214");
});

Deno.test("cornishFisherLosses() moves the quantile as the expansion says", () => {
  const at = (skewness: number, excessKurtosis: number) =>
    cornishFisherLosses({ mean: 0, sd: 1, skewness, excessKurtosis }).var99.toFixed(6);
  // The expansion worked out by hand at z = -2.326348.
  assert.equal(at(-0.5, 2), "3.067497");
  assert.equal(at(-1, 3), "3.386689");
});

Deno.test("cornishFisherLosses() averages its own quantile over the tail", () => {
  const moments = { mean: 0.06, sd: 0.17, skewness: -0.6, excessKurtosis: 1.5 };
  const { cvar95 } = cornishFisherLosses(moments);
  // The mean of the quantile over (0, 0.05), by the midpoint rule.
  const cells = 200_000;
  let sum = 0;
  for (let cell = 0; cell < cells; cell++) {
    const z = normalQuantile((cell + 0.5) / cells * 0.05);
    const { skewness: s, excessKurtosis: k } = moments;
    sum += z + (z * z - 1) * s / 6 + (z ** 3 - 3 * z) * k / 24 - (2 * z ** 3 - 5 * z) * s * s / 36;
  }
  assert.ok(Math.abs(cvar95 + moments.mean + moments.sd * sum / cells) < 1e-4);
});
