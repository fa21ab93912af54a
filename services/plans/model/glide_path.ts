/** Target weights by month. */
import { type AssetClass, assetClasses, type ByClass } from "./assumptions.ts";
import type { CompletePlan } from "./complete_plan.ts";
import { monthsOf, monthTurning } from "./plan_calendar.ts";

interface GlidePoint {
  month: number;
  weights: ByClass;
}

/**
 * The weights to hold in each month: the plan's own at the start, those of the glide path in the
 * month in which the first person turns its age, straight lines between them, and the last ones
 * from there on. Points that the person has passed already do not count.
 */
export function targetWeights(plan: CompletePlan): ByClass[] {
  const points = glidePoints(plan);
  return Array.from({ length: monthsOf(plan) }, (_, month) => weightsAt(points, month));
}

/** The classes that hold anything at any time. */
export function classesHeld(plan: CompletePlan): AssetClass[] {
  const points = glidePoints(plan);
  const cashHeld = plan.accounts.some((account) => account.treatment === "cash");
  return assetClasses.filter((asset) =>
    (asset === "cash" && cashHeld) || points.some((point) => point.weights[asset] > 0)
  );
}

function glidePoints(plan: CompletePlan): GlidePoint[] {
  const ahead = (plan.allocation.glidePath ?? [])
    .map(({ age, weights }) => ({ month: monthTurning(plan, undefined, age), weights }))
    .filter(({ month }) => month > 0);
  return [{ month: 0, weights: plan.allocation.weights }, ...ahead]
    .map(({ month, weights }) => ({ month, weights: filled(weights) }));
}

function weightsAt(points: readonly GlidePoint[], month: number): ByClass {
  const next = points.findIndex((point) => point.month > month);
  const before = points[next < 0 ? points.length - 1 : next - 1];
  const after = points[next];
  if (!before) throw new RangeError("a glide path begins at month 0");
  if (!after) return before.weights;
  const share = (month - before.month) / (after.month - before.month);
  return byClass((asset) =>
    before.weights[asset] + share * (after.weights[asset] - before.weights[asset])
  );
}

function filled(weights: Partial<ByClass>): ByClass {
  return byClass((asset) => weights[asset] ?? 0);
}

function byClass(value: (asset: AssetClass) => number): ByClass {
  return Object.fromEntries(assetClasses.map((asset) => [asset, value(asset)])) as ByClass;
}
