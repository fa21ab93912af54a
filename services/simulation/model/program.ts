/**
 * A plan, compiled: plain numbers by month, ready to be run along any number of paths. It can be
 * sent to another worker as JSON, and two plans that compile to equal programs have equal results.
 *
 * Within month m the order is: goals are looked at; deposits, incomes, spending and outlays happen
 * at the month's beginning; then the market moves; then the fee is taken.
 */
import type { MarketModel } from "./market_model.ts";

/** Amounts by month: `nominal` in the money of the month, `real` in the money of the start. */
export interface Flow {
  nominal: readonly number[];
  real: readonly number[];
}

/**
 * Log inflation by month: x[m] = mean + u[m], u[m] = persistence u[m-1] + volatility z, u[-1] = 0.
 * Independent of the market. Zero volatility draws nothing.
 */
export interface InflationModel {
  mean: number;
  volatility: number;
  persistence: number;
}

export interface ProgramAccount {
  name: string;
  opening: number;
  /** What the opening balance cost; growth beyond it is a gain. */
  openingBasis: number;
  /** "portfolio" earns the mix of assets less the fee; "cash" earns `cashAsset`, free of fees. */
  earns: "portfolio" | "cash";
  deposits: Flow;
  /** Share of a withdrawal that tax takes whatever was gained, by month. */
  withdrawalTax: readonly number[];
  /** Share of the withdrawn gain that tax takes. */
  gainsTax: number;
}

export interface ProgramGoal {
  name: string;
  /** Reached where wealth at the beginning of this month is at least the amount. */
  month: number;
  nominal: number;
  real: number;
}

/** When holdings are brought back to the target weights, at the beginning of a month. */
export type Rebalancing =
  | { kind: "calendar"; months: readonly boolean[] }
  | { kind: "threshold"; band: number };

export interface PlanProgram {
  market: MarketModel;
  inflation: InflationModel;
  /** Number of monthly steps. */
  months: number;
  /** Ascending months at whose end wealth is recorded; the last one is the last month. */
  rowEnds: readonly number[];
  /** Target weights by month and asset. Month 0 is what is held at first. */
  targets: readonly (readonly number[])[];
  rebalancing: Rebalancing;
  /** Share of what is invested that is taken at each month's end. */
  monthlyFee: number;
  /** Index of the asset that accounts of cash earn, or null where there are none. */
  cashAsset: number | null;
  /** In the order in which they are drawn. */
  accounts: readonly ProgramAccount[];
  /** Index of the account that takes what `incomes` leave over. */
  surplusAccount: number;
  /** What the household means to spend, after tax. */
  spending: Flow;
  /** One-off costs, after tax; like spending, but outside of any withdrawal rule. */
  outlays: Flow;
  /** After tax; pays for spending, and what is left over is saved. */
  incomes: Flow;
  /** After tax and contributions; pays for spending, and what is left over is lived on. */
  pay: Flow;
  /** Tax already taken from `incomes` and `pay`, to be reported. */
  taxes: Flow;
  /** From this month on, spend this share a year of wealth at the year's beginning. */
  percentRule: { rate: number; fromMonth: number } | null;
  goals: readonly ProgramGoal[];
}

/** The amount of `flow` in month `month` at price level `index` (1 at the start). */
export function flowAt(flow: MonthlyFlow, month: number, index: number): number {
  return flow.nominal[month]! + flow.real[month]! * index;
}

/** A flow as typed arrays, for the loop over paths. */
export interface MonthlyFlow {
  nominal: Float64Array;
  real: Float64Array;
}

export function monthlyFlow(flow: Flow, months: number): MonthlyFlow {
  return { nominal: padded(flow.nominal, months), real: padded(flow.real, months) };
}

/** A flow of nothing. Shorter lists than the program's months mean zero from there on. */
export const noFlow: Flow = { nominal: [], real: [] };

function padded(values: readonly number[], months: number): Float64Array {
  const array = new Float64Array(months);
  array.set(values.slice(0, months));
  return array;
}
