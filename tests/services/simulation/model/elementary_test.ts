import assert from "node:assert/strict";
import fc from "fast-check";
import { exp, log } from "../../../../services/simulation/model/elementary.ts";

// fdlibm's bound is one unit in the last place, and the host's own functions may be off by as much.
const tolerance = 5e-16;

Deno.test("exp() agrees with the host's to 5e-16 over its whole range", () => {
  for (let x = -708; x <= 709; x += 0.0137) assertNear(exp(x), Math.exp(x), x);
  for (let x = -1; x <= 1; x += 1 / 8192) assertNear(exp(x), Math.exp(x), x);
});

Deno.test("exp() has the right values at its edges", () => {
  assert.equal(exp(0), 1);
  assertNear(exp(1), Math.E, 1);
  assert.equal(exp(710), Infinity);
  assert.equal(exp(-746), 0);
  assert.equal(exp(-745), 5e-324);
  assert.ok(Number.isNaN(exp(NaN)));
});

Deno.test("log() agrees with the host's to 5e-16 over its whole range", () => {
  fc.assert(
    fc.property(fc.double({ min: 2.3e-308, max: 1.7e308, noNaN: true }), (x) => {
      assertNear(log(x), Math.log(x), x);
    }),
    { numRuns: 5_000 },
  );
  for (let x = 0.5; x < 2; x += 1 / 4096) assertNear(log(x), Math.log(x), x);
});

Deno.test("log() has the right values at its edges", () => {
  assert.equal(log(1), 0);
  assert.equal(log(0), -Infinity);
  assert.equal(log(Infinity), Infinity);
  assert.ok(Number.isNaN(log(-1)));
  assertNear(log(5e-324), Math.log(5e-324), 5e-324);
});

function assertNear(actual: number, expected: number, x: number): void {
  const error = Math.abs(actual - expected);
  const relative = expected === 0 ? error : error / Math.abs(expected);
  assert.ok(relative <= tolerance, `at ${x}: ${actual} instead of ${expected}`);
}
