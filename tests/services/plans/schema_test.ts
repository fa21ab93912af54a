import assert from "node:assert/strict";
import { z } from "zod";
import {
  planInputs,
  simulation,
  simulationResult,
  startSimulationInput,
} from "../../../services/plans/schema.ts";
import { completePlan } from "../../../services/plans/model/mod.ts";
import { exampleBut, examplePlan, planWith } from "./example_plan.ts";

Deno.test("planInputs takes the contract's example and changes nothing in it", () => {
  assert.deepEqual(planInputs.parse(examplePlan), examplePlan);
});

Deno.test("planInputs takes a plan of name, people, accounts and allocation alone", () => {
  const { name, people, accounts, allocation } = examplePlan;
  const plan = planInputs.parse({ name, people, accounts, allocation });
  const complete = completePlan(plan, "2026-03-15");
  assert.deepEqual(planInputs.parse(complete), complete);
  assert.equal(complete.startDate, "2026-03-15");
});

Deno.test("planInputs names the field of every bad input", () => {
  const cases: [string, unknown, string?][] = [
    ["name", undefined],
    ["name", ""],
    ["people", []],
    ["people", undefined],
    ["accounts", undefined],
    ["allocation", undefined],
    ["currency", "usd"],
    ["startDate", "2026-02-30"],
    ["startDate", "01/02/2026"],
    ["people.0.birthDate", "2027-01-01"],
    ["people.0.retirementAge", -1],
    ["people.0.retirementAge", 65.5],
    ["people.0.retirementAge", NaN],
    ["people.0.lifeExpectancy", 121],
    ["people.0.lifeExpectancy", 45],
    ["people.0.income.growth", 0.9],
    ["people.0.income.amount", "-1"],
    ["people.0.income.amount", "1e5"],
    ["people.0.income.amount", 120000],
    ["accounts.0.balance", "-250000"],
    ["accounts.0.balance", "NaN"],
    ["accounts.0.balance", "12345678901234"],
    ["accounts.0.treatment", "offshore"],
    ["accounts.0.owner", "Nobody"],
    ["accounts.0.costBasis", "1"],
    ["accounts.0.employerMatch.cap", 1.1],
    ["accounts.0.contribution", undefined, "accounts.0.employerMatch"],
    ["people.0.income", undefined, "accounts.0.employerMatch"],
    ["accounts.0.contribution.until", "2025-12-31"],
    ["accounts.0.contribution.until", "sometime"],
    ["spending.0.until", { age: 65 }],
    ["spending.0.until", "start"],
    ["spending.0.until", { age: 121 }, "spending.0.until.age"],
    ["spending.0.person", "Nobody"],
    ["incomes.0.until", { age: 60 }],
    ["incomes.0.until", "retirement"],
    ["events.0.date", "2025-12-31"],
    ["events.0.date", "2090-01-01"],
    ["events.0.amount", "a lot"],
    ["goals.0.date", "2025-06-01"],
    ["goals.0.date", "2072-05-01"],
    ["goals.0.priority", 0],
    ["allocation.weights", { us_equity: 0.5, bonds: 0.4 }],
    ["allocation.weights", { us_equity: 0.5, bonds: 0.500002 }],
    ["allocation.weights", {}],
    ["allocation.weights.bonds", -0.1],
    ["allocation.weights.cash", NaN],
    ["allocation.glidePath.0.weights", { us_equity: 0.3 }],
    ["allocation.rebalance", "daily"],
    ["allocation.feeRate", 0.2],
    ["withdrawal.rule", "yolo"],
    ["withdrawal.rate", 0.04],
    ["withdrawal.rule", "percent", "withdrawal.rate"],
    ["withdrawal.order.1", "taxable"],
    ["withdrawal.order.0", "mattress"],
    ["assumptions.version", 0],
    ["assumptions.paths", -5],
    ["assumptions.paths", 2_000_000],
    ["assumptions.seed", -1],
  ];
  for (const [path, value, named] of cases) {
    const paths = issuePaths(exampleBut(path, value));
    assert.ok(paths.includes(named ?? path), `${path} = ${JSON.stringify(value)}: ${paths}`);
  }
});

Deno.test("planInputs refuses a plan longer than 70 years", () => {
  const { people, ...rest } = examplePlan;
  const child = { ...people[0], birthDate: "2020-01-01", lifeExpectancy: 90 };
  assert.deepEqual(issuePaths({ ...rest, people: [child] }), ["people.0.lifeExpectancy"]);
});

Deno.test("planInputs refuses unknown fields at every depth", () => {
  const places = [
    "",
    "people.0.",
    "people.0.income.",
    "accounts.0.",
    "accounts.0.contribution.",
    "accounts.0.employerMatch.",
    "spending.0.",
    "incomes.0.",
    "events.0.",
    "goals.0.",
    "allocation.",
    "allocation.weights.",
    "allocation.glidePath.0.",
    "withdrawal.",
    "assumptions.",
  ];
  for (const place of places) {
    const parsed = planInputs.safeParse(exampleBut(`${place}surprise`, 1));
    assert.ok(!parsed.success, place);
    const [issue] = parsed.error.issues;
    assert.equal(issue?.code, "unrecognized_keys", place);
    assert.equal(issue.path.join("."), place.slice(0, -1));
  }
});

Deno.test("planInputs wants glide path ages to ascend and names to differ", () => {
  const weights = { bonds: 1 };
  const glidePath = [{ age: 60, weights }, { age: 60, weights }];
  assert.deepEqual(issuePaths(exampleBut("allocation.glidePath", glidePath)), [
    "allocation.glidePath.1.age",
  ]);
  const goal = examplePlan.goals[0];
  assert.deepEqual(issuePaths(exampleBut("goals", [goal, goal])), ["goals.1.name"]);
  const person = examplePlan.people[0];
  assert.deepEqual(issuePaths(exampleBut("people", [person, person])), ["people.1.name"]);
});

Deno.test("someone retired already may keep what lasts until retirement", () => {
  planWith({ people: [{ ...examplePlan.people[0], birthDate: "1955-05-01" }] });
});

Deno.test("planInputs takes every withdrawal rule and a mortality table: refusing them is not its task", () => {
  for (const rule of ["guyton_klinger", "vpw", "rmd", "bucket"]) planWith({ withdrawal: { rule } });
  planWith({ withdrawal: { rule: "percent", rate: 0.04 } });
  planWith({ people: [{ ...examplePlan.people[0], lifeExpectancy: { table: "ssa_2020" } }] });
});

Deno.test("startSimulationInput takes 1,000 to 1,000,000 paths and a seed, and neither need be given", () => {
  assert.deepEqual(startSimulationInput.parse({}), {});
  assert.deepEqual(startSimulationInput.parse({ paths: 1_000, seed: 7 }), {
    paths: 1_000,
    seed: 7,
  });
  const wrong = [
    { paths: 999 },
    { paths: 1_000_001 },
    { paths: -1 },
    { paths: 1000.5 },
    {
      seed: -1,
    },
    { seed: 2 ** 53 },
    { stress: [] },
  ];
  for (const input of wrong) assert.ok(!startSimulationInput.safeParse(input).success);
});

Deno.test("every schema can be described to clients", () => {
  for (const schema of [planInputs, startSimulationInput, simulationResult, simulation]) {
    const { $ref = "", $defs = {}, ...described } = z.toJSONSchema(schema, { io: "input" });
    // A schema with a name stands among the named ones, with a reference in its place.
    assert.equal(($defs[$ref.split("/").at(-1) ?? ""] ?? described).type, "object");
  }
});

function issuePaths(input: unknown): string[] {
  const parsed = planInputs.safeParse(input);
  return parsed.success ? [] : parsed.error.issues.map((issue) => issue.path.join("."));
}
