import assert from "node:assert/strict";
import fc from "fast-check";
import {
  createHistogram,
  filledBins,
  lowerTailMean,
  quantile,
  record,
} from "../../../../services/simulation/model/histogram.ts";

const value = fc.double({ min: 0, max: 1e100, noNaN: true });

Deno.test("a bin holds its values and is at most 0.1 % wide", () => {
  fc.assert(fc.property(value.filter((x) => x > 1e-300), (x) => {
    const histogram = createHistogram();
    // Neighbours far apart, so that the edges of x's bin are not drawn in.
    for (const each of [0, x, 1e200]) record(histogram, each);
    const bin = filledBins(histogram)[1];
    assert.ok(bin && bin.lower <= x && x < bin.upper);
    assert.ok(bin.upper / bin.lower - 1 <= 0.001);
  }));
});

Deno.test("quantile() is exact where all values are one, and 0.1 % off at most where they are not", () => {
  fc.assert(fc.property(value, fc.double({ min: 0, max: 1, noNaN: true }), (x, q) => {
    const histogram = createHistogram();
    for (let times = 0; times < 3; times++) record(histogram, x);
    assert.equal(quantile(filledBins(histogram), q), x);
  }));
  const histogram = createHistogram();
  for (let k = 1; k <= 10_000; k++) record(histogram, k);
  for (const q of [0.01, 0.05, 0.5, 0.95]) {
    const found = quantile(filledBins(histogram), q) ?? 0;
    assert.ok(Math.abs(found / (q * 10_000) - 1) < 0.001 + 1 / (q * 10_000), `${q}: ${found}`);
  }
});

Deno.test("lowerTailMean() is the mean of the worst share", () => {
  const histogram = createHistogram();
  for (let k = 1; k <= 10_000; k++) record(histogram, k);
  const found = lowerTailMean(filledBins(histogram), 0.05) ?? 0;
  assert.ok(Math.abs(found - 250.5) < 0.5, `${found}`);
});

Deno.test("an empty histogram has no quantile, and what is no amount is refused", () => {
  assert.equal(quantile([], 0.5), null);
  assert.equal(lowerTailMean([], 0.5), null);
  for (const wrong of [NaN, -1, Infinity]) {
    assert.throws(() => record(createHistogram(), wrong), RangeError);
  }
});
