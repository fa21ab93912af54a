/** The example plan of the product's contract, and small ways to change it. */
import { type PlanInputs, planInputs } from "../../../services/plans/schema.ts";
import {
  type CompletePlan,
  completePlan,
  findAssumptions,
} from "../../../services/plans/model/mod.ts";

export const examplePlan = {
  name: "Retire at 65",
  currency: "USD",
  startDate: "2026-01-01",
  people: [{
    name: "Alex",
    birthDate: "1980-05-01",
    retirementAge: 65,
    lifeExpectancy: 92,
    income: { amount: "120000", growth: 0.02 },
  }],
  accounts: [{
    name: "401k",
    treatment: "tax_deferred",
    balance: "250000",
    contribution: { amount: "19500", until: "retirement" },
    employerMatch: { rate: 0.5, cap: 0.06 },
  }],
  spending: [{
    name: "living",
    amount: "60000",
    from: "retirement",
    until: "end",
    inflationLinked: true,
    essential: true,
  }],
  incomes: [{
    name: "social security",
    amount: "30000",
    from: { age: 67 },
    until: "end",
    inflationLinked: true,
  }],
  events: [{ name: "house", amount: "-100000", date: "2032-06-01" }],
  goals: [{ name: "college", amount: "150000", date: "2040-09-01", priority: 1 }],
  allocation: {
    weights: { us_equity: 0.5, intl_equity: 0.1, bonds: 0.35, cash: 0.05 },
    glidePath: [{ age: 70, weights: { us_equity: 0.3, bonds: 0.6, cash: 0.1 } }],
    rebalance: "annual",
    feeRate: 0.002,
  },
  withdrawal: { rule: "constant_real", order: ["taxable", "tax_deferred", "roth"] },
  assumptions: { set: "base", version: 1 },
};

/** The shipped base assumptions. */
export function baseAssumptions() {
  const found = findAssumptions("base", 1);
  if (!found) throw new Error("the base assumptions are not shipped");
  return found;
}

/** The example with some top-level fields replaced, parsed. */
export function planWith(change: Record<string, unknown>): PlanInputs {
  return planInputs.parse({ ...examplePlan, ...change });
}

export function completeWith(change: Record<string, unknown>): CompletePlan {
  return completePlan(planWith(change), "2026-01-01");
}

/** A deep copy of the example in which the field at a dotted path is replaced, or removed. */
export function exampleBut(path: string, value: unknown): unknown {
  const copy: unknown = structuredClone(examplePlan);
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  const holder = keys.reduce((inner, key) => (inner as Record<string, unknown>)[key], copy);
  if (value === undefined) delete (holder as Record<string, unknown>)[last];
  else (holder as Record<string, unknown>)[last] = value;
  return copy;
}
