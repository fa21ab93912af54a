/** Markov chains with few states. */
import { type Matrix, solveLinear } from "../../../lib/linalg.ts";

/**
 * The long-run share of each state: pi P = pi, sum pi = 1. Null where the chain falls into parts
 * that never meet, so that more than one law is stationary.
 */
export function stationaryDistribution(transition: Matrix): number[] | null {
  const size = transition.length;
  // The equations of pi (P - I) = 0 depend on one another; the last gives way to the sum.
  const equations = Array.from(
    { length: size },
    (_, i) =>
      Array.from(
        { length: size },
        (_, j) => i === size - 1 ? 1 : (transition[j]?.[i] ?? 0) - (i === j ? 1 : 0),
      ),
  );
  const solution = solveLinear(equations, equations.map((_, i) => i === size - 1 ? 1 : 0));
  return solution ? normalised(solution.map((share) => Math.max(0, share))) : null;
}

/** Running sums of a law, for `pickState`; the sums are scaled so that the last is 1. */
export function cumulative(law: readonly number[]): Float64Array {
  let sum = 0;
  return Float64Array.from(normalised(law), (share) => sum += share);
}

/** The state whose share of [0, 1] holds `uniform`. */
export function pickState(sums: Float64Array, uniform: number): number {
  const last = sums.length - 1;
  for (let state = 0; state < last; state++) {
    if (uniform < sums[state]!) return state;
  }
  return last;
}

function normalised(law: readonly number[]): number[] {
  const sum = law.reduce((total, share) => total + share, 0);
  return law.map((share) => share / sum);
}
