import assert from "node:assert/strict";
import { createStream, seedStream } from "../../../../services/simulation/model/random_stream.ts";
import {
  nextGamma,
  nextScale,
  scaleLimit,
} from "../../../../services/simulation/model/student_t.ts";

const draws = 200_000;

Deno.test("nextGamma() has the mean, variance and skewness of the gamma law", () => {
  for (const shape of [1.05, 2.5, 15]) {
    const values = drawn((stream) => nextGamma(stream, shape));
    const mean = average(values);
    const variance = average(values.map((value) => (value - mean) ** 2));
    const third = average(values.map((value) => (value - mean) ** 3)) / variance ** 1.5;
    // Standard errors from the gamma law's own moments: kurtosis 3 + 6 / shape.
    assertWithin(mean, shape, 4 * Math.sqrt(shape / draws));
    assertWithin(variance, shape, 4 * shape * Math.sqrt((2 + 6 / shape) / draws));
    assertWithin(third, 2 / Math.sqrt(shape), 0.15);
  }
});

Deno.test("nextGamma() of shape 1.5 is half of a chi-square with three degrees of freedom", () => {
  // Quantiles of chi-square(3): 0.05, 0.5, 0.95 (any printed table).
  const table = [[0.05, 0.351846], [0.5, 2.365974], [0.95, 7.814728]] as const;
  const values = drawn((stream) => 2 * nextGamma(stream, 1.5));
  for (const [share, point] of table) {
    const below = values.filter((value) => value < point).length / draws;
    assertWithin(below, share, 4 * Math.sqrt(share * (1 - share) / draws));
  }
});

Deno.test("nextScale() has mean square one, for real degrees of freedom", () => {
  for (const dof of [5, 6.5, 12, 30]) {
    const squares = drawn((stream) => nextScale(stream, dof) ** 2);
    const mean = average(squares);
    const error = Math.sqrt(average(squares.map((square) => (square - mean) ** 2)) / draws);
    assertWithin(mean, 1, 4 * error);
  }
});

Deno.test("nextScale() never exceeds its limit, and reaches it as rarely as stated", () => {
  const limited = drawn((stream) => nextScale(stream, 2.1)).filter((scale) => scale >= scaleLimit);
  assert.ok(limited.every((scale) => scale === scaleLimit));
  // 4.9e-5 of 200,000: about 10 are expected.
  assert.ok(limited.length > 0 && limited.length < 30, `${limited.length} at the limit`);
});

function drawn(next: (stream: Int32Array) => number): number[] {
  const stream = createStream();
  seedStream(stream, 11, 0);
  return Array.from({ length: draws }, () => next(stream));
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function assertWithin(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} instead of ${expected}`);
}
