/** One path of a program, from its first month to its last. */
import { createHousehold, type Household, incomeTax, settle } from "./household.ts";
import { beginLedger, createLedger, growLedger, type Ledger, wealthOf } from "./ledger.ts";
import { beginMarket, createMarketPath, type MarketPath, stepMarket } from "./market_path.ts";
import {
  beginPortfolio,
  createPortfolio,
  growPortfolio,
  type Portfolio,
  rebalance,
} from "./portfolio.ts";
import { beginPrices, createPriceIndex, type PriceIndex, stepPrices } from "./price_index.ts";
import type { PlanProgram } from "./program.ts";
import { createStream, type RandomStream, seedStream } from "./random_stream.ts";

/** What a path came to. Sums over the path are in the money of the start. */
export interface PathOutcome {
  /** Wealth at each row's end, in the money of that month and of the start. */
  nominal: Float64Array;
  real: Float64Array;
  /** Row of the first month that could not be paid in full; -1 where all was. */
  firstShortRow: number;
  shortfall: number;
  goalsMet: Uint8Array;
  regimeMonths: Uint32Array;
  /** Growth factor of the invested mix over the first twelve months, after fees, without flows. */
  yearGrowth: number;
  /** Largest fall of that growth below its earlier peak, as a share of the peak. */
  maxDrawdown: number;
  fees: number;
  taxes: number;
}

/**
 * A program made ready to run, one path at a time. State is fields of objects: a variable shared by
 * closures is boxed anew by each write, which cost a sixth of the running time.
 */
export interface PathRunner {
  readonly program: PlanProgram;
  readonly stream: RandomStream;
  readonly market: MarketPath;
  readonly prices: PriceIndex;
  readonly portfolio: Portfolio;
  readonly ledger: Ledger;
  readonly household: Household;
  readonly goalsDue: readonly (readonly number[] | undefined)[];
  readonly outcome: PathOutcome;
  row: number;
  /** What one unit invested at the start is worth, as a share of its peak. */
  shareOfPeak: number;
}

export function createPathRunner(program: PlanProgram): PathRunner {
  const ledger = createLedger(program);
  return {
    program,
    stream: createStream(),
    market: createMarketPath(program.market),
    prices: createPriceIndex(program.inflation),
    portfolio: createPortfolio(program),
    ledger,
    household: createHousehold(program, ledger),
    goalsDue: goalsByMonth(program),
    outcome: emptyOutcome(program),
    row: 0,
    shareOfPeak: 1,
  };
}

/** Runs path `path` of `seed`. The outcome is overwritten by the runner's next path. */
export function runPath(runner: PathRunner, seed: number, path: number): PathOutcome {
  const { program, stream, market, prices, portfolio, ledger, outcome } = runner;
  seedStream(stream, seed, path);
  beginMarket(market);
  beginPrices(prices);
  beginPortfolio(portfolio);
  beginLedger(ledger);
  resetOutcome(outcome);
  runner.row = 0;
  runner.shareOfPeak = 1;
  for (let month = 0; month < program.months; month++) {
    settleMonth(runner, month);
    growMonth(runner, month);
    if (month === program.rowEnds[runner.row]) closeRow(runner);
  }
  return outcome;
}

function settleMonth(runner: PathRunner, month: number): void {
  const { ledger, household, outcome } = runner;
  const index = runner.prices.level;
  const due = runner.goalsDue[month];
  if (due) lookAtGoals(runner, due);
  const unpaid = settle(household, month, index);
  if (unpaid > 0) {
    if (outcome.firstShortRow < 0) outcome.firstShortRow = runner.row;
    outcome.shortfall += unpaid / index;
  }
  outcome.taxes += (ledger.tax + incomeTax(household, month, index)) / index;
  ledger.tax = 0;
}

function growMonth(runner: PathRunner, month: number): void {
  const { program, market, prices, portfolio, ledger, outcome } = runner;
  rebalance(portfolio, month);
  stepMarket(market, runner.stream);
  outcome.regimeMonths[market.regime] = outcome.regimeMonths[market.regime]! + 1;
  const growth = growPortfolio(portfolio, market.growth);
  growLedger(ledger, growth, market.growth[program.cashAsset ?? 0]!);
  const afterFee = growth * (1 - program.monthlyFee);
  if (month < 12) outcome.yearGrowth *= afterFee;
  runner.shareOfPeak = Math.min(1, runner.shareOfPeak * afterFee);
  outcome.maxDrawdown = Math.max(outcome.maxDrawdown, 1 - runner.shareOfPeak);
  outcome.fees += ledger.fees / prices.level;
  ledger.fees = 0;
  stepPrices(prices, runner.stream);
}

function lookAtGoals({ program, ledger, prices, outcome }: PathRunner, due: readonly number[]) {
  const wealth = wealthOf(ledger);
  for (const goal of due) {
    const { nominal, real } = program.goals[goal]!;
    outcome.goalsMet[goal] = wealth >= nominal + real * prices.level ? 1 : 0;
  }
}

function closeRow(runner: PathRunner): void {
  const { ledger, prices, outcome, row } = runner;
  const wealth = wealthOf(ledger);
  outcome.nominal[row] = wealth;
  outcome.real[row] = wealth / prices.level;
  runner.row = row + 1;
}

function emptyOutcome(program: PlanProgram): PathOutcome {
  return {
    nominal: new Float64Array(program.rowEnds.length),
    real: new Float64Array(program.rowEnds.length),
    firstShortRow: -1,
    shortfall: 0,
    goalsMet: new Uint8Array(program.goals.length),
    regimeMonths: new Uint32Array(program.market.regimes.length),
    yearGrowth: 1,
    maxDrawdown: 0,
    fees: 0,
    taxes: 0,
  };
}

/** Arrays of rows need no reset: every path writes all of them. */
function resetOutcome(outcome: PathOutcome): void {
  outcome.firstShortRow = -1;
  outcome.shortfall = 0;
  outcome.regimeMonths.fill(0);
  outcome.yearGrowth = 1;
  outcome.maxDrawdown = 0;
  outcome.fees = 0;
  outcome.taxes = 0;
}

function goalsByMonth(program: PlanProgram): (number[] | undefined)[] {
  const due = new Array<number[] | undefined>(program.months).fill(undefined);
  program.goals.forEach(({ month }, index) => due[month] = [...due[month] ?? [], index]);
  return due;
}
