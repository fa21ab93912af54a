import assert from "node:assert/strict";
import { momentsOf, proportionError, wilsonInterval } from "../../lib/stats.ts";

Deno.test("wilsonInterval() gives the limits of the textbook example", () => {
  // Newcombe 1998, table I: 81 of 263 and 15 of 148, score method without continuity correction.
  assert.deepEqual(wilsonInterval(81, 263).map((limit) => limit.toFixed(4)), ["0.2553", "0.3662"]);
  assert.deepEqual(wilsonInterval(15, 148).map((limit) => limit.toFixed(4)), ["0.0624", "0.1605"]);
});

Deno.test("wilsonInterval() stays within 0 and 1 and has width where nothing or all succeeds", () => {
  const [none, fewAtMost] = wilsonInterval(0, 20);
  assert.equal(none, 0);
  assert.equal(fewAtMost.toFixed(4), "0.1611");
  const [manyAtLeast, all] = wilsonInterval(20, 20);
  assert.equal(manyAtLeast.toFixed(4), "0.8389");
  assert.ok(all <= 1 && all > 0.999999);
});

Deno.test("proportionError() is the binomial one", () => {
  assert.equal(proportionError(50, 100), 0.05);
  assert.equal(proportionError(0, 100), 0);
});

Deno.test("momentsOf() turns power means into the moments of a Bernoulli law", () => {
  const p = 0.2, q = 1 - p;
  const { mean, sd, skewness, excessKurtosis } = momentsOf([p, p, p, p]);
  assert.equal(mean, p);
  assert.ok(Math.abs(sd - Math.sqrt(p * q)) < 1e-15);
  assert.ok(Math.abs(skewness - (q - p) / Math.sqrt(p * q)) < 1e-12);
  assert.ok(Math.abs(excessKurtosis - (1 - 6 * p * q) / (p * q)) < 1e-12);
});

Deno.test("momentsOf() of a constant has no spread and no shape", () => {
  const value = 0.123456789;
  const powers = [value, value ** 2, value ** 3, value ** 4] as const;
  assert.deepEqual(momentsOf(powers), { mean: value, sd: 0, skewness: 0, excessKurtosis: 0 });
});
