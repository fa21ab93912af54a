/** Checks of a market model, field by field. */
import { choleskyFactor, type Matrix, nearestCorrelation } from "../../../lib/linalg.ts";
import { type FieldIssue, limits, type MarketModel, type Regime } from "./market_model.ts";
import { stationaryDistribution } from "./markov.ts";

/** Everything wrong with `model`; an empty list means that `runChunk` can use it. */
export function marketIssues(model: MarketModel): FieldIssue[] {
  const issues: FieldIssue[] = [];
  const count = model.assets.length;
  if (count < 1 || count > limits.assets) {
    issues.push({ path: "assets", message: `must name 1 to ${limits.assets} assets` });
  }
  if (new Set(model.assets).size !== count) {
    issues.push({ path: "assets", message: "must not name an asset twice" });
  }
  if (model.regimes.length < 1 || model.regimes.length > limits.regimes) {
    issues.push({ path: "regimes", message: `must hold 1 to ${limits.regimes} regimes` });
  }
  const names = model.regimes.map((regime) => regime.name);
  if (new Set(names).size !== names.length || names.includes("stationary")) {
    issues.push({ path: "regimes", message: 'names must differ, and none may be "stationary"' });
  }
  model.regimes.forEach((regime, index) =>
    issues.push(...regimeIssues(regime, `regimes.${index}`, count))
  );
  issues.push(...chainIssues(model), ...innovationIssues(model));
  return issues;
}

/** Weights must be between 0 and 1, one per asset, and sum to 1 within 1e-6. */
export function weightIssues(weights: readonly number[], count: number): FieldIssue[] {
  if (weights.length !== count) return [{ path: "weights", message: `must hold ${count} numbers` }];
  const issues = weights.flatMap((weight, index) =>
    weight >= 0 && weight <= 1
      ? []
      : [{ path: `weights.${index}`, message: "must be between 0 and 1" }]
  );
  return sumsToOne(weights) ? issues : [...issues, { path: "weights", message: "must sum to 1" }];
}

function regimeIssues(regime: Regime, path: string, count: number): FieldIssue[] {
  const issues = [
    ...boundedIssues(regime.drift, `${path}.drift`, count, -limits.drift, limits.drift),
    ...boundedIssues(regime.volatility, `${path}.volatility`, count, 0, limits.volatility),
  ];
  const shape = correlationShapeIssue(regime.correlation, count);
  if (shape) return [...issues, { path: `${path}.correlation`, message: shape }];
  if (!choleskyFactor(regime.correlation)) {
    issues.push({
      path: `${path}.correlation`,
      message: "must be positive semi-definite",
      nearest: nearestCorrelation(regime.correlation),
    });
  }
  return issues;
}

function boundedIssues(
  values: readonly number[],
  path: string,
  count: number,
  least: number,
  most: number,
): FieldIssue[] {
  if (values.length !== count) return [{ path, message: `must hold ${count} numbers` }];
  return values.flatMap((value, index) =>
    value >= least && value <= most
      ? []
      : [{ path: `${path}.${index}`, message: `must be between ${least} and ${most}` }]
  );
}

function correlationShapeIssue(correlation: Matrix, count: number): string | null {
  if (correlation.length !== count || correlation.some((cells) => cells.length !== count)) {
    return `must be ${count} by ${count}`;
  }
  for (let i = 0; i < count; i++) {
    if (correlation[i]?.[i] !== 1) return "must have ones on its diagonal";
    for (let j = 0; j < i; j++) {
      const value = correlation[i]?.[j] ?? NaN;
      if (!(value >= -1 && value <= 1)) return "must lie between -1 and 1";
      if (value !== correlation[j]?.[i]) return "must be symmetric";
    }
  }
  return null;
}

function chainIssues(model: MarketModel): FieldIssue[] {
  const count = model.regimes.length;
  if (model.transition.length !== count) {
    return [{ path: "transition", message: `must have ${count} rows` }];
  }
  const issues = model.transition.flatMap((row, index) => {
    const path = `transition.${index}`;
    const bounds = boundedIssues(row, path, count, 0, 1);
    if (bounds.length > 0 || sumsToOne(row)) return bounds;
    return [{ path, message: "must sum to 1" }];
  });
  if (issues.length > 0) return issues;
  if (model.start === "stationary") {
    return stationaryDistribution(model.transition)
      ? []
      : [{ path: "start", message: "the chain has more than one stationary distribution" }];
  }
  if (model.regimes.some((regime) => regime.name === model.start)) return [];
  return [{ path: "start", message: 'must name a regime, or be "stationary"' }];
}

function innovationIssues({ innovations }: MarketModel): FieldIssue[] {
  if (innovations.kind === "gaussian") return [];
  if (innovations.dof > 2 && innovations.dof <= 30) return [];
  return [{ path: "innovations.dof", message: "must be above 2 and at most 30" }];
}

function sumsToOne(values: readonly number[]): boolean {
  const sum = values.reduce((total, value) => total + value, 0);
  return Math.abs(sum - 1) <= limits.sumTolerance;
}
