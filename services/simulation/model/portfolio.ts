/**
 * The mix of assets that every invested account holds.
 *
 * Money goes in and out in proportion to what is held, so the mix depends on the market and the
 * calendar alone, never on amounts: one set of weights serves all accounts, and a plan that spends
 * more sees the very same returns on the same path.
 */
import type { PlanProgram, Rebalancing } from "./program.ts";

export interface Portfolio {
  readonly weights: Float64Array;
  readonly targets: readonly Float64Array[];
  readonly rebalancing: Rebalancing;
}

export function createPortfolio(program: PlanProgram): Portfolio {
  return {
    weights: new Float64Array(program.market.assets.length),
    targets: program.targets.map(normalised),
    rebalancing: program.rebalancing,
  };
}

export function beginPortfolio({ weights, targets }: Portfolio): void {
  weights.set(targets[0]!);
}

/** Brings the mix to the month's target where the rule says so, at the month's beginning. */
export function rebalance({ weights, targets, rebalancing }: Portfolio, month: number): void {
  const target = targets[month]!;
  const due = rebalancing.kind === "calendar"
    ? rebalancing.months[month] === true
    : largestDrift(weights, target) > rebalancing.band;
  if (due) weights.set(target);
}

/** Lets every holding grow by its factor; returns the growth factor of the whole, before fees. */
export function growPortfolio({ weights }: Portfolio, growth: Float64Array): number {
  let total = 0;
  for (let asset = 0; asset < weights.length; asset++) {
    const value = weights[asset]! * growth[asset]!;
    weights[asset] = value;
    total += value;
  }
  for (let asset = 0; asset < weights.length; asset++) weights[asset] = weights[asset]! / total;
  return total;
}

function largestDrift(weights: Float64Array, target: Float64Array): number {
  let largest = 0;
  for (let asset = 0; asset < weights.length; asset++) {
    largest = Math.max(largest, Math.abs(weights[asset]! - target[asset]!));
  }
  return largest;
}

function normalised(weights: readonly number[]): Float64Array {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return Float64Array.from(weights, (weight) => weight / sum);
}
