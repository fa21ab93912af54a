import assert from "node:assert/strict";
import { normalDensity, normalQuantile } from "../../../../services/simulation/model/normal.ts";

Deno.test("normalQuantile() gives the test values of algorithm AS 241", () => {
  // Wichura 1988, table of test values for PPND16.
  assertNear(normalQuantile(0.25), -0.6744897501960817);
  assertNear(normalQuantile(0.001), -3.090232306167814);
  assertNear(normalQuantile(1e-20), -9.262340089798408);
});

Deno.test("normalQuantile() gives the points that tables of value at risk begin with", () => {
  assert.equal(normalQuantile(0.95).toFixed(6), "1.644854");
  assert.equal(normalQuantile(0.99).toFixed(6), "2.326348");
  assert.equal(normalQuantile(0.5), 0);
});

Deno.test("normalQuantile() inverts the integral of normalDensity()", () => {
  // Simpson's rule from 0 to z, steps of 1/512.
  for (const p of [0.55, 0.7, 0.9, 0.924, 0.926, 0.99, 0.9999]) {
    const z = normalQuantile(p);
    const steps = 2 * Math.ceil(256 * z) + 2;
    let sum = normalDensity(0) + normalDensity(z);
    for (let step = 1; step < steps; step++) {
      sum += (step % 2 === 1 ? 4 : 2) * normalDensity(step * z / steps);
    }
    assert.ok(Math.abs(0.5 + sum * z / steps / 3 - p) < 1e-11, `at ${p}`);
  }
});

Deno.test("normalQuantile() is odd about one half and never falls", () => {
  let previous = -Infinity;
  for (let cell = 1; cell < 4096; cell++) {
    const z = normalQuantile(cell / 4096);
    assert.equal(z + normalQuantile(1 - cell / 4096), 0);
    assert.ok(z > previous);
    previous = z;
  }
});

function assertNear(actual: number, expected: number): void {
  assert.ok(Math.abs(actual / expected - 1) < 1e-15, `${actual} instead of ${expected}`);
}
