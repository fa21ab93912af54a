/** What a result means, in numbers. */
import { type Moments, momentsOf, proportionError, wilsonInterval } from "../../../lib/stats.ts";
import { meanOf } from "./exact_sum.ts";
import { type FilledBin, filledBins, type Histogram, quantile } from "./histogram.ts";
import { type PartialResult, pathsIn } from "./partial.ts";
import {
  cornishFisherLosses,
  historicalLosses,
  parametricLosses,
  type TailLosses,
} from "./risk.ts";

const percentileLevels = [5, 10, 25, 50, 75, 90, 95] as const;

export type Percentiles = Record<`p${typeof percentileLevels[number]}`, number>;

/** Shares are of paths; money is per path, and in the money of the start unless called nominal. */
export interface Summary {
  paths: number;
  successProbability: number;
  standardError: number;
  /** Wilson's interval at 95 %. */
  successInterval: [number, number];
  rows: { nominal: Percentiles; real: Percentiles }[];
  shortfall: { probability: number; medianRow: number | null; medianAmount: number | null };
  goals: number[];
  risk: {
    historical: TailLosses;
    parametric: TailLosses;
    cornishFisher: TailLosses;
    /** Of the one-year return. */
    moments: Moments;
  };
  maxDrawdown: { p50: number; p95: number };
  /** Share of all months spent in each regime. */
  regimes: number[];
  fees: number;
  taxes: number;
  /** Nominal wealth at the end. */
  terminal: { mean: number; sd: number };
}

/** Throws a RangeError for a result without paths. */
export function summarise(partial: PartialResult): Summary {
  const paths = pathsIn(partial);
  if (paths === 0) throw new RangeError("there is nothing to summarise");
  const { successes, sums } = partial;
  return {
    paths,
    successProbability: successes / paths,
    standardError: proportionError(successes, paths),
    successInterval: wilsonInterval(successes, paths),
    rows: partial.nominal.map((nominal, row) => ({
      nominal: percentiles(nominal),
      real: percentiles(partial.real[row] ?? nominal),
    })),
    shortfall: {
      probability: (paths - successes) / paths,
      medianRow: medianRow(partial.shortRows),
      medianAmount: quantile(filledBins(partial.shortfall), 0.5),
    },
    goals: partial.goalsMet.map((met) => met / paths),
    risk: risk(partial, paths),
    maxDrawdown: drawdowns(filledBins(partial.maxDrawdown)),
    regimes: shares(partial.regimeMonths),
    fees: meanOf(sums.fees, paths),
    taxes: meanOf(sums.taxes, paths),
    terminal: terminal(partial, paths),
  };
}

/** Quantile `q` of nominal wealth at the end of the last row. */
export function terminalQuantile(partial: PartialResult, q: number): number {
  const last = partial.nominal.at(-1);
  return last ? quantile(filledBins(last), q) ?? 0 : 0;
}

function percentiles(histogram: Histogram): Percentiles {
  const bins = filledBins(histogram);
  const entries = percentileLevels.map((level) => [`p${level}`, quantile(bins, level / 100) ?? 0]);
  return Object.fromEntries(entries) as Percentiles;
}

function risk(partial: PartialResult, paths: number): Summary["risk"] {
  const [one, two, three, four] = partial.sums.yearReturn;
  const moments = momentsOf([
    meanOf(one, paths),
    meanOf(two, paths),
    meanOf(three, paths),
    meanOf(four, paths),
  ]);
  return {
    historical: historicalLosses(filledBins(partial.yearGrowth)),
    parametric: parametricLosses(moments),
    cornishFisher: cornishFisherLosses(moments),
    moments,
  };
}

function drawdowns(bins: readonly FilledBin[]): Summary["maxDrawdown"] {
  return { p50: quantile(bins, 0.5) ?? 0, p95: quantile(bins, 0.95) ?? 0 };
}

function terminal(partial: PartialResult, paths: number): Summary["terminal"] {
  const mean = meanOf(partial.sums.terminal, paths);
  const variance = meanOf(partial.sums.terminalSquare, paths) - mean * mean;
  return { mean, sd: Math.sqrt(Math.max(0, variance)) };
}

/** The row by which half of the paths that fall short have done so. */
function medianRow(counts: readonly number[]): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  const row = counts.findIndex((count) => (seen += count) * 2 >= total && total > 0);
  return row < 0 ? null : row;
}

function shares(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / total);
}
