/** Plans as they are kept and answered: the inputs with an id, a version and their instants. */
import * as z from "zod";
import { AnsweredInstant } from "../../lib/answered.ts";
import { ChosenId } from "../../lib/chosen_id.ts";
import { planIssues } from "./model/mod.ts";
import { type PlanInputs, planInputs } from "./schema.ts";

const stored = {
  id: z.uuid(),
  version: z.int(),
  createdAt: AnsweredInstant,
  updatedAt: AnsweredInstant,
};

const exampleHead = {
  id: "019aa1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b",
  version: 7,
  createdAt: "2026-01-30T14:30:00.000Z",
  updatedAt: "2026-02-11T08:05:12.345Z",
};

/** A new plan; a phone may choose the id, so that it can repeat itself. */
export const createPlanInput = z.strictObject({
  id: ChosenId.optional(),
  ...planInputs.shape,
})
  .superRefine(({ id: _, ...inputs }, context) => {
    for (const { path, message } of planIssues(inputs)) {
      context.addIssue({ code: "custom", path, message });
    }
  }).meta({ id: "PlanInput", example: examplePlan() });
export type CreatePlanInput = z.infer<typeof createPlanInput>;

export const planPatch = z.record(z.string().max(40), z.unknown()).meta({
  id: "PlanPatch",
  description: "A JSON merge patch (RFC 7396) of PlanInput.",
  example: { name: "Retire at 63" },
});

export const plan = z.object({ ...stored, ...planInputs.shape }).meta({
  id: "Plan",
  example: { ...exampleHead, ...examplePlan() },
});
export type Plan = z.infer<typeof plan>;

export const planVersion = z.object({
  planId: z.uuid(),
  number: z.int(),
  createdAt: AnsweredInstant,
  createdBy: z.string(),
  inputs: z.object(planInputs.shape).meta({ example: examplePlan() }),
}).meta({ id: "PlanVersion" });
export type PlanVersion = z.infer<typeof planVersion>;

/** A plan on one line of a screen, with what its latest simulation came to. */
export const planSummary = z.object({
  id: z.uuid(),
  name: z.string(),
  version: z.int(),
  updatedAt: z.string(),
  latestResult: z.object({
    simulationId: z.uuid(),
    planVersion: z.int().meta({ description: "Of which version of the plan." }),
    finishedAt: z.string(),
    successProbability: z.number().min(0).max(1),
    successInterval: z.tuple([z.number(), z.number()]),
    medianWealth: z.string().nullable().meta({
      description: "At the end of the plan, in the money of its start.",
    }),
  }).nullable().meta({ description: "Null where no simulation of the plan has succeeded." }),
}).meta({
  id: "PlanSummary",
  example: {
    id: "0190d7a4-8f00-7000-8000-000000000002",
    name: "Retire at 65",
    version: 3,
    updatedAt: "2026-01-31T09:30:00.000Z",
    latestResult: {
      simulationId: "0190d7a4-8f00-7000-8000-000000000004",
      planVersion: 3,
      finishedAt: "2026-01-31T09:31:00.000Z",
      successProbability: 0.81,
      successInterval: [0.802, 0.818],
      medianWealth: "1204511.27",
    },
  },
});
export type PlanSummary = z.infer<typeof planSummary>;

function examplePlan(): PlanInputs {
  return {
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
    }],
    allocation: {
      weights: { us_equity: 0.5, intl_equity: 0.1, bonds: 0.35, cash: 0.05 },
      rebalance: "annual",
    },
    assumptions: { set: "base", version: 1 },
  };
}
