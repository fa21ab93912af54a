import assert from "node:assert/strict";
import { unsupportedInputs } from "../../../../services/plans/model/mod.ts";
import { examplePlan, planWith } from "../example_plan.ts";

Deno.test("unsupportedInputs() has nothing against the contract's example", () => {
  assert.deepEqual(unsupportedInputs(planWith({})), []);
});

Deno.test("unsupportedInputs() names every field that a simulation would have to ignore", () => {
  const cases: [string, Record<string, unknown>][] = [
    ["withdrawal.rule", { withdrawal: { rule: "guyton_klinger" } }],
    ["withdrawal.rule", { withdrawal: { rule: "vpw" } }],
    ["withdrawal.rule", { withdrawal: { rule: "rmd" } }],
    ["withdrawal.rule", { withdrawal: { rule: "bucket" } }],
    ["people.0.lifeExpectancy", {
      people: [{ ...examplePlan.people[0], lifeExpectancy: { table: "ssa_2020" } }],
    }],
    ["goals.0.met", { goals: [{ ...examplePlan.goals[0], met: "paid" }] }],
    ["allocation.glidePath", { allocation: { ...examplePlan.allocation, rebalance: "never" } }],
    ["assumptions.engineVersion", {
      assumptions: { set: "base", version: 1, engineVersion: "vector-9" },
    }],
  ];
  for (const [path, change] of cases) {
    const issues = unsupportedInputs(planWith(change));
    assert.deepEqual(issues.map((issue) => issue.path), [path]);
    assert.ok((issues[0]?.message.length ?? 0) > 10);
  }
});
