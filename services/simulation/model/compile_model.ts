/** The engine by itself: an explicit model, one account and no plan. */
import { marketIssues, weightIssues } from "./check_market.ts";
import { type FieldIssue, limits, type MarketModel } from "./market_model.ts";
import { noFlow, type PlanProgram, type Rebalancing } from "./program.ts";

/** Rates are monthly; `monthlyFlow` is paid in (or out, if negative) at each month's beginning. */
export interface ExplicitModel extends MarketModel {
  paths: number;
  months: number;
  initial: number;
  monthlyFlow: number;
  weights: readonly number[];
  rebalance: "never" | "annual" | "monthly";
}

/** Everything wrong with `model`, field by field; empty where `compileModel` will do. */
export function modelIssues(model: ExplicitModel): FieldIssue[] {
  return [
    ...wholeIssues("paths", model.paths, limits.paths),
    ...wholeIssues("months", model.months, limits.months),
    ...amountIssues("initial", model.initial, 0),
    ...amountIssues("monthlyFlow", model.monthlyFlow, -1e15),
    ...weightIssues(model.weights, model.assets.length),
    ...marketIssues(model),
  ];
}

/** The program of `model`: a single row at its end, and failure where a negative flow finds no money. */
export function compileModel(model: ExplicitModel): PlanProgram {
  const { months, monthlyFlow, weights, rebalance, paths: _paths, initial, ...market } = model;
  const every = (amount: number) => ({ nominal: new Array(months).fill(amount), real: [] });
  return {
    market,
    inflation: { mean: 0, volatility: 0, persistence: 0 },
    months,
    rowEnds: [months - 1],
    targets: new Array(months).fill(weights),
    rebalancing: calendar(rebalance, months),
    monthlyFee: 0,
    cashAsset: null,
    accounts: [{
      name: "portfolio",
      opening: initial,
      openingBasis: initial,
      earns: "portfolio",
      deposits: every(Math.max(0, monthlyFlow)),
      withdrawalTax: [],
      gainsTax: 0,
    }],
    surplusAccount: 0,
    spending: every(Math.max(0, -monthlyFlow)),
    outlays: noFlow,
    incomes: noFlow,
    pay: noFlow,
    taxes: noFlow,
    percentRule: null,
    goals: [],
  };
}

function calendar(rebalance: ExplicitModel["rebalance"], months: number): Rebalancing {
  const every = { never: Infinity, annual: 12, monthly: 1 }[rebalance];
  return {
    kind: "calendar",
    months: Array.from({ length: months }, (_, month) => month % every === 0),
  };
}

function wholeIssues(path: string, value: number, most: number): FieldIssue[] {
  if (Number.isInteger(value) && value >= 1 && value <= most) return [];
  return [{ path, message: `must be a whole number from 1 to ${most}` }];
}

function amountIssues(path: string, value: number, least: number): FieldIssue[] {
  if (value >= least && value <= 1e15) return [];
  return [{ path, message: `must be a number from ${least} to 1e15` }];
}
