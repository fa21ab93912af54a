/** What a set of paths came to, in whole numbers only: merging two sets is adding them. */
import { toFixedPoint } from "./exact_sum.ts";
import { createHistogram, type Histogram, record } from "./histogram.ts";
import type { PathOutcome } from "./path_runner.ts";

/** Paths `first` up to `first + count - 1`. */
export interface PathRange {
  first: number;
  count: number;
}

/** The list lengths that a program gives its results. */
export interface PartialShape {
  rows: number;
  goals: number;
  regimes: number;
}

export interface PartialResult {
  /** Fingerprint of the program, and the seed: results of others do not merge with these. */
  program: string;
  seed: number;
  /** Disjoint, ascending and as few as can be. */
  ranges: PathRange[];
  successes: number;
  /** Number of paths whose first shortfall fell in each row. */
  shortRows: number[];
  goalsMet: number[];
  regimeMonths: number[];
  /** Wealth at each row's end. */
  nominal: Histogram[];
  real: Histogram[];
  yearGrowth: Histogram;
  maxDrawdown: Histogram;
  /** Total shortfall of the paths that had one. */
  shortfall: Histogram;
  sums: ExactSums;
}

/** Fixed-point sums over paths: see `toFixedPoint`. */
export interface ExactSums {
  fees: bigint;
  taxes: bigint;
  terminal: bigint;
  terminalSquare: bigint;
  /** Powers one to four of the first year's return. */
  yearReturn: [bigint, bigint, bigint, bigint];
}

export function emptyPartial(program: string, seed: number, shape: PartialShape): PartialResult {
  const zeros = (length: number) => new Array<number>(length).fill(0);
  const histograms = () => Array.from({ length: shape.rows }, createHistogram);
  return {
    program,
    seed,
    ranges: [],
    successes: 0,
    shortRows: zeros(shape.rows),
    goalsMet: zeros(shape.goals),
    regimeMonths: zeros(shape.regimes),
    nominal: histograms(),
    real: histograms(),
    yearGrowth: createHistogram(),
    maxDrawdown: createHistogram(),
    shortfall: createHistogram(),
    sums: { fees: 0n, taxes: 0n, terminal: 0n, terminalSquare: 0n, yearReturn: [0n, 0n, 0n, 0n] },
  };
}

export function shapeOf(partial: PartialResult): PartialShape {
  return {
    rows: partial.nominal.length,
    goals: partial.goalsMet.length,
    regimes: partial.regimeMonths.length,
  };
}

/** Number of paths in `partial`. */
export function pathsIn(partial: PartialResult): number {
  return partial.ranges.reduce((sum, range) => sum + range.count, 0);
}

/** Adds one path. The caller keeps `ranges`. */
export function addOutcome(partial: PartialResult, outcome: PathOutcome): void {
  outcome.nominal.forEach((wealth, row) => record(partial.nominal[row]!, wealth));
  outcome.real.forEach((wealth, row) => record(partial.real[row]!, wealth));
  outcome.goalsMet.forEach((met, goal) => increase(partial.goalsMet, goal, met));
  outcome.regimeMonths.forEach((months, regime) => increase(partial.regimeMonths, regime, months));
  record(partial.yearGrowth, outcome.yearGrowth);
  record(partial.maxDrawdown, outcome.maxDrawdown);
  if (outcome.firstShortRow < 0) partial.successes += 1;
  else {
    increase(partial.shortRows, outcome.firstShortRow, 1);
    record(partial.shortfall, outcome.shortfall);
  }
  addSums(partial.sums, outcome);
}

function addSums(sums: ExactSums, outcome: PathOutcome): void {
  const terminal = outcome.nominal.at(-1) ?? 0;
  sums.fees += toFixedPoint(outcome.fees);
  sums.taxes += toFixedPoint(outcome.taxes);
  sums.terminal += toFixedPoint(terminal);
  sums.terminalSquare += toFixedPoint(terminal * terminal);
  const yearReturn = outcome.yearGrowth - 1;
  let power = 1;
  for (let degree = 0; degree < 4; degree++) {
    power *= yearReturn;
    sums.yearReturn[degree] = sums.yearReturn[degree]! + toFixedPoint(power);
  }
}

function increase(counts: number[], index: number, by: number): void {
  counts[index] = (counts[index] ?? 0) + by;
}
