/** Capital-market assumptions and model portfolios that the product ships. */
import assumptionData from "../../../data/capital_market_assumptions.json" with { type: "json" };
import portfolioData from "../../../data/portfolio_models.json" with { type: "json" };
import type { Matrix } from "../../../lib/linalg.ts";
import type { Innovations } from "../../simulation/model/mod.ts";

export const assetClasses = [
  "us_equity",
  "intl_equity",
  "bonds",
  "tips",
  "reits",
  "commodities",
  "cash",
] as const;

export type AssetClass = typeof assetClasses[number];
export type ByClass = Record<AssetClass, number>;

/** Mean and volatility of the log return per year while the regime lasts. */
export interface RegimeAssumption {
  name: string;
  mean: ByClass;
  volatility: ByClass;
  /** Rows and columns in the order of `assetClasses`. */
  correlation: Matrix;
}

/** One version of one set. `data/capital_market_assumptions.json` says how the shipped ones came about. */
export interface CapitalMarketAssumptions {
  name: string;
  version: number;
  currency: string;
  source: string;
  /** Mean per year, standard deviation of one-year inflation, correlation of successive months. */
  inflation: { mean: number; volatility: number; persistence: number };
  innovations: Innovations;
  start: string;
  /** Long-run arithmetic mean and standard deviation of the simple one-year return. */
  longRun: Record<AssetClass, { mean: number; volatility: number }>;
  /** Per month, rows in the order of `regimes`. */
  transition: Matrix;
  regimes: RegimeAssumption[];
}

export interface PortfolioModel {
  name: string;
  weights: ByClass;
}

export const shippedAssumptions: readonly CapitalMarketAssumptions[] = assumptionData.sets.map(
  (set) => ({
    ...set,
    innovations: { kind: "student_t", dof: set.innovations.dof },
  }),
);

export const portfolioModels: readonly PortfolioModel[] = portfolioData.models;

/** The shipped set of that name and version, if there is one. */
export function findAssumptions(
  name: string,
  version: number,
): CapitalMarketAssumptions | undefined {
  return shippedAssumptions.find((set) => set.name === name && set.version === version);
}
