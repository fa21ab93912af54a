/** The law of monthly returns: regimes that follow each other as a Markov chain. */
import type { Matrix } from "../../../lib/linalg.ts";

/** One state of the market. Figures are of the monthly log return, one per asset. */
export interface Regime {
  name: string;
  drift: readonly number[];
  volatility: readonly number[];
  correlation: Matrix;
}

/** Shocks of zero mean and unit variance; student_t is multivariate, for real 2 < dof <= 30. */
export type Innovations = { kind: "gaussian" } | { kind: "student_t"; dof: number };

/**
 * A month in regime s has log returns drift[s] + W diag(volatility[s]) L[s] z, where L[s] L[s]' is
 * the correlation, z is standard normal and W is 1 (gaussian) or the common scale of student_t.
 */
export interface MarketModel {
  assets: readonly string[];
  regimes: readonly Regime[];
  /** transition[i][j]: probability that a month in regime i is followed by one in regime j. */
  transition: Matrix;
  /** The first month's regime by name, or "stationary": drawn from the chain's long-run law. */
  start: string;
  innovations: Innovations;
}

/** What is wrong with one field; `nearest` offers a correlation matrix that would do. */
export interface FieldIssue {
  path: string;
  message: string;
  nearest?: number[][];
}

export const limits = {
  assets: 16,
  regimes: 16,
  months: 840,
  paths: 1_000_000,
  /** Largest size of a monthly log drift. */
  drift: 1,
  /** Largest monthly volatility of a log return. */
  volatility: 1,
  /** A sum of weights or of a transition row may miss 1 by this much. */
  sumTolerance: 1e-6,
} as const;
