/** A plan with everything filled in that may be left out. */
import type { PlanInputs } from "../schema.ts";

type FilledFields =
  | "currency"
  | "startDate"
  | "spending"
  | "incomes"
  | "events"
  | "goals"
  | "withdrawal"
  | "assumptions";

/** A plan that can be compiled. It is itself a valid plan. */
export type CompletePlan = PlanInputs & Required<Pick<PlanInputs, FilledFields>>;

/** Drawn in this order; what a plan's own order does not name follows in this order. */
export const defaultOrder = ["cash", "taxable", "tax_deferred", "roth", "hsa", "529"] as const;

/**
 * Fills in what `plan` leaves out; `today` (an ISO date) is its start where it names none. Check the
 * answer with `planInputs` once more: with a start date there is more to check.
 */
export function completePlan(plan: PlanInputs, today: string): CompletePlan {
  return {
    ...plan,
    currency: plan.currency ?? "USD",
    startDate: plan.startDate ?? today,
    spending: plan.spending ?? [],
    incomes: plan.incomes ?? [],
    events: plan.events ?? [],
    goals: plan.goals ?? [],
    withdrawal: plan.withdrawal ?? { rule: "constant_real", order: [...defaultOrder] },
    assumptions: plan.assumptions ?? { set: "base", version: 1 },
  };
}
