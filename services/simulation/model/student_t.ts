/**
 * Student-t innovations of unit variance, as a normal with a random scale:
 * t = W z with W = sqrt((dof - 2) / chi-square(dof)), so that E[W^2] = 1.
 * One W per month is shared by every asset: the multivariate t, whose extremes come together.
 */
import { log } from "./elementary.ts";
import { normalQuantile } from "./normal.ts";
import { nextUniform, type RandomStream } from "./random_stream.ts";

/**
 * W never exceeds this. Without a bound, E[exp(return)] of a Student-t is infinite and a mean of
 * wealth would mean nothing. A month reaches the bound with probability 8.5e-8 at 5 degrees of
 * freedom, 1.7e-5 at 3 and 8e-5 at 2.1; quantiles of a month's return below that are exact.
 */
export const scaleLimit = 25;

/** W, for real 2 < dof <= 30. */
export function nextScale(stream: RandomStream, dof: number): number {
  const chiSquare = 2 * nextGamma(stream, dof / 2);
  return Math.min(Math.sqrt((dof - 2) / chiSquare), scaleLimit);
}

/**
 * Gamma with shape >= 1 and scale 1, exactly in distribution: Marsaglia and Tsang 2000, "A simple
 * method for generating gamma variables". About 1.05 rounds a draw; the first test spares the logs.
 */
export function nextGamma(stream: RandomStream, shape: number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  while (true) {
    const x = normalQuantile(nextUniform(stream));
    const u = nextUniform(stream);
    const root = 1 + c * x;
    if (root <= 0) continue;
    const v = root * root * root;
    const square = x * x;
    if (u < 1 - 0.0331 * square * square) return d * v;
    if (log(u) < 0.5 * square + d * (1 - v + log(v))) return d * v;
  }
}
