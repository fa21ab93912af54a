import assert from "node:assert/strict";
import fc from "fast-check";
import {
  compilePlan,
  findAssumptions,
  money,
  resultOf,
} from "../../../../services/plans/model/mod.ts";
import { simulationResult } from "../../../../services/plans/schema.ts";
import { runChunk, summarise } from "../../../../services/simulation/model/mod.ts";
import { baseAssumptions, completeWith, examplePlan } from "../example_plan.ts";

Deno.test("resultOf() has the contract's shape and orders its percentiles", () => {
  const result = simulated({}, 400);
  assert.deepEqual(simulationResult.parse(result), result);
  for (const { nominal, real } of result.years) {
    for (const table of [nominal, real]) {
      const values = [table.p5, table.p10, table.p25, table.p50, table.p75, table.p90, table.p95];
      const sorted = [...values].sort((a, b) => Number(a) - Number(b));
      assert.deepEqual(values, sorted);
    }
  }
  const [low, high] = result.successInterval;
  assert.ok(low <= result.successProbability && result.successProbability <= high);
  assert.ok(Math.abs(result.successProbability + result.shortfall.probability - 1) < 1e-12);
  const occupied = Object.values(result.regimes).reduce((sum, share) => sum + share, 0);
  assert.ok(Math.abs(occupied - 1) < 1e-12);
});

Deno.test("resultOf() leaves out what there is nothing to say about", () => {
  const people = [{ name: "Kim", birthDate: "1960-01-01", retirementAge: 60, lifeExpectancy: 66 }];
  const brief = { people, startDate: "2025-04-01", goals: [], events: [], incomes: [] };
  const accounts = [{ name: "roth", treatment: "roth", balance: "9000000" }];
  const result = simulated({ ...brief, accounts }, 20);
  assert.equal(result.successProbability, 1);
  assert.deepEqual(result.shortfall, { probability: 0 });
  assert.deepEqual(result.goals, []);
  // Nine months have no one-year return.
  assert.equal("risk" in result, false);
});

Deno.test("a plan that spends more never succeeds more often on the same paths", () => {
  const spending = fc.integer({ min: 0, max: 150_000 });
  const accounts = [
    ...examplePlan.accounts,
    { name: "brokerage", treatment: "taxable", balance: "90000", costBasis: "20000" },
    { name: "savings", treatment: "cash", balance: "40000" },
  ];
  const rule = fc.constantFrom({ rule: "constant_real" }, { rule: "percent", rate: 0.05 });
  const rebalance = fc.constantFrom("annual", "threshold");
  fc.assert(
    fc.property(spending, spending, rule, rebalance, fc.nat(), (a, b, withdrawal, when, seed) => {
      const successes = (amount: number) => {
        const plan = completeWith({
          accounts,
          withdrawal,
          allocation: { ...examplePlan.allocation, rebalance: when },
          spending: [{ name: "living", amount: `${amount}`, from: "start" }],
        });
        const program = compilePlan(plan, baseAssumptions());
        return runChunk(program, { seed, firstPath: 0, pathCount: 20 }).successes;
      };
      assert.ok(successes(Math.max(a, b)) <= successes(Math.min(a, b)));
    }),
    { numRuns: 40 },
  );
});

Deno.test("better assumptions, better outlook: the wealth of the middle path grows from set to set", () => {
  const medians = ["conservative", "base", "optimistic"].map((set) => {
    const result = simulated({ assumptions: { set, version: 1 } }, 300, set);
    return Number(result.years[19]?.real.p50);
  });
  assert.deepEqual(medians, [...medians].sort((a, b) => a - b));
});

Deno.test("money() writes two digits at every size", () => {
  assert.equal(money(0), "0.00");
  assert.equal(money(812345.666), "812345.67");
  assert.equal(money(1e21), "1000000000000000000000.00");
});

function simulated(change: Record<string, unknown>, pathCount: number, set = "base") {
  const plan = completeWith(change);
  const assumptions = findAssumptions(set, 1) ?? baseAssumptions();
  const program = compilePlan(plan, assumptions);
  return resultOf(
    plan,
    program,
    summarise(runChunk(program, { seed: 42, firstPath: 0, pathCount })),
  );
}
