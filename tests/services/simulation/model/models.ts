/** Models that several tests use. */
import type {
  ExplicitModel,
  MarketModel,
  Regime,
} from "../../../../services/simulation/model/mod.ts";

/** Four regimes of two assets. */
export const fourRegimes: MarketModel = {
  assets: ["stocks", "bonds"],
  regimes: [
    regime("bull", [0.012, 0.003], [0.035, 0.012], 0.1),
    regime("bear", [-0.015, 0.005], [0.08, 0.02], -0.2),
    regime("volatile", [0.002, 0.003], [0.063, 0.017], 0),
    regime("stable", [0.007, 0.003], [0.029, 0.01], 0.2),
  ],
  transition: [
    [0.95, 0.01, 0.02, 0.02],
    [0.03, 0.9, 0.05, 0.02],
    [0.04, 0.05, 0.88, 0.03],
    [0.03, 0.01, 0.02, 0.94],
  ],
  start: "stationary",
  innovations: { kind: "student_t", dof: 5 },
};

/** One asset, one regime, Gaussian: a geometric Brownian motion unless told otherwise. */
export function singleAsset(
  change: Partial<ExplicitModel> & { drift: number; volatility: number },
) {
  const { drift, volatility, ...rest } = change;
  const model: ExplicitModel = {
    paths: 1,
    months: 12,
    initial: 1,
    monthlyFlow: 0,
    assets: ["s"],
    weights: [1],
    rebalance: "monthly",
    regimes: [{ name: "only", drift: [drift], volatility: [volatility], correlation: [[1]] }],
    transition: [[1]],
    start: "only",
    innovations: { kind: "gaussian" },
    ...rest,
  };
  return model;
}

/** A plan-like use of the four regimes: two thirds in stocks, something spent each month. */
export function fourRegimePlan(change: Partial<ExplicitModel>): ExplicitModel {
  return {
    ...fourRegimes,
    paths: 1,
    months: 120,
    initial: 1000,
    monthlyFlow: -8,
    weights: [0.65, 0.35],
    rebalance: "annual",
    ...change,
  };
}

function regime(name: string, drift: number[], volatility: number[], rho: number): Regime {
  return { name, drift, volatility, correlation: [[1, rho], [rho, 1]] };
}
