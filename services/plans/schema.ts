/** Plans and simulations as they come in and go out. The API's description is made from these. */
import * as z from "zod";
import { assetClasses } from "./model/assumptions.ts";
import { planIssues } from "./model/plan_issues.ts";

const treatments = ["taxable", "tax_deferred", "roth", "hsa", "529", "cash"] as const;
const withdrawalRules = [
  "constant_real",
  "percent",
  "guyton_klinger",
  "vpw",
  "rmd",
  "bucket",
] as const;

const moneyMessage = 'must be a decimal string such as "1234.56"';
const amount = z.string().regex(/^\d{1,12}(\.\d{1,4})?$/, moneyMessage);
const signedAmount = z.string().regex(/^-?\d{1,12}(\.\d{1,4})?$/, moneyMessage);
const name = z.string().trim().min(1, "must not be empty").max(120);
const date = z.iso.date("must be a date such as 2026-01-31").refine(
  (value) => value >= "1900-01-01" && value <= "2200-12-31",
  "must be between 1900 and 2200",
);
const age = z.number().int().min(0).max(120);
const share = z.number().min(0).max(1);
const growth = z.number().min(-0.5).max(0.5);

const anchor = z.union(
  [z.enum(["start", "retirement", "end"]), z.strictObject({ age }), date],
  'must be "start", "retirement", "end", { "age": n } or a date',
);
export type Anchor = z.infer<typeof anchor>;

const weights = z.strictObject(
  Object.fromEntries(assetClasses.map((asset) => [asset, share.optional()])) as Record<
    typeof assetClasses[number],
    z.ZodOptional<typeof share>
  >,
);

const person = z.strictObject({
  name,
  birthDate: date,
  retirementAge: age,
  lifeExpectancy: z.union(
    [z.number().int().min(1).max(120), z.strictObject({ table: z.string().min(1).max(60) })],
    "must be an age from 1 to 120, or name a mortality table",
  ),
  income: z.strictObject({ amount, growth: growth.optional() }).optional(),
});

const account = z.strictObject({
  name,
  treatment: z.enum(treatments),
  balance: amount,
  /** What the balance cost; for taxable accounts. Without it nothing counts as gain at the start. */
  costBasis: amount.optional(),
  /** Name of a person; the first one where it is left out. */
  owner: name.optional(),
  contribution: z.strictObject({
    amount,
    from: anchor.optional(),
    until: anchor.optional(),
    growth: growth.optional(),
  }).optional(),
  employerMatch: z.strictObject({ rate: z.number().min(0).max(5), cap: share.optional() })
    .optional(),
});

const spending = z.strictObject({
  name,
  amount,
  from: anchor.optional(),
  until: anchor.optional(),
  inflationLinked: z.boolean().optional(),
  essential: z.boolean().optional(),
  person: name.optional(),
});

const income = z.strictObject({
  name,
  kind: z.enum(["social_security", "pension", "rent", "work", "other"]).optional(),
  amount,
  from: anchor.optional(),
  until: anchor.optional(),
  inflationLinked: z.boolean().optional(),
  person: name.optional(),
});

const event = z.strictObject({
  name,
  amount: signedAmount,
  date,
  inflationLinked: z.boolean().optional(),
});

const goal = z.strictObject({
  name,
  amount,
  date,
  priority: z.number().int().min(1).max(100).optional(),
  inflationLinked: z.boolean().optional(),
  /** "reached": wealth is at least the amount at that date. "paid": it can be spent then. */
  met: z.enum(["reached", "paid"]).optional(),
});

const allocation = z.strictObject({
  weights,
  glidePath: z.array(z.strictObject({ age, weights })).max(50).optional(),
  rebalance: z.enum(["never", "annual", "threshold"]).optional(),
  feeRate: z.number().min(0).max(0.1).optional(),
});

const withdrawal = z.strictObject({
  rule: z.enum(withdrawalRules),
  /** Share of wealth a year, for the rule "percent". */
  rate: z.number().gt(0).max(1).optional(),
  order: z.array(z.enum(treatments)).max(treatments.length).optional(),
});

const seed = z.number().int().min(0);
const paths = z.number().int().min(1_000).max(1_000_000);

const assumptions = z.strictObject({
  set: name,
  version: z.number().int().min(1).max(1_000_000),
  seed: seed.optional(),
  paths: paths.optional(),
  engineVersion: z.string().min(1).max(60).optional(),
});

const planShape = z.strictObject({
  name,
  currency: z.string().regex(/^[A-Z]{3}$/, "must be an ISO 4217 code such as USD").optional(),
  startDate: date.optional(),
  people: z.array(person).min(1).max(4),
  accounts: z.array(account).max(30),
  spending: z.array(spending).max(50).optional(),
  incomes: z.array(income).max(50).optional(),
  events: z.array(event).max(100).optional(),
  goals: z.array(goal).max(50).optional(),
  allocation,
  withdrawal: withdrawal.optional(),
  assumptions: assumptions.optional(),
});

/** What a plan holds. Amounts are per year, in today's money where inflation-linked. */
export type PlanInputs = z.infer<typeof planShape>;

/** A plan as a client sends it; fields are checked first one by one, then against each other. */
export const planInputs = planShape.superRefine((plan, context) => {
  for (const { path, message } of planIssues(plan)) {
    context.addIssue({ code: "custom", path, message });
  }
});

export const startSimulationInput = z.strictObject({
  /** The plan's own number where it is left out, else 10,000. */
  paths: paths.optional(),
  seed: seed.optional(),
}).meta({ id: "SimulationInput", example: { paths: 10_000, seed: 7 } });
export type StartSimulationInput = z.infer<typeof startSimulationInput>;

const money = z.string().regex(/^-?\d+\.\d{2}$/).meta({
  description: "Decimal string, two digits",
});
const percentileTable = z.strictObject({
  p5: money,
  p10: money,
  p25: money,
  p50: money,
  p75: money,
  p90: money,
  p95: money,
});
const tailLosses = {
  var95: z.number(),
  cvar95: z.number(),
  var99: z.number(),
  cvar99: z.number(),
};

/** The answer of a simulation. Fields that the engine does not compute are left out. */
export const simulationResult = z.strictObject({
  successProbability: share,
  successInterval: z.tuple([share, share]),
  standardError: z.number().min(0),
  years: z.array(z.strictObject({
    year: z.number().int(),
    age: z.number().int(),
    nominal: percentileTable,
    real: percentileTable,
  })),
  shortfall: z.strictObject({
    probability: share,
    medianYear: z.number().int().optional(),
    medianAmount: money.optional(),
  }),
  goals: z.array(z.strictObject({ name: z.string(), probability: share })),
  risk: z.strictObject({
    ...tailLosses,
    parametric: z.strictObject(tailLosses),
    cornishFisher: z.strictObject(tailLosses),
    skewness: z.number(),
    excessKurtosis: z.number(),
  }).optional(),
  maxDrawdown: z.strictObject({ p50: share, p95: share }),
  regimes: z.record(z.string(), share),
  fees: money,
  taxes: money,
  varianceReduction: z.record(z.string(), z.number()).optional(),
}).meta({ id: "SimulationResult" });
export type SimulationResult = z.infer<typeof simulationResult>;

/** What made a result, and the hash that the same again must have. */
const simulationProvenance = z.strictObject({
  planVersion: z.number().int(),
  assumptionSet: z.string(),
  assumptionVersion: z.number().int(),
  engineVersion: z.string(),
  taxModel: z.string().optional(),
  seed,
  paths: z.number().int(),
  resultHash: z.string().regex(/^sha256:[0-9a-f]{64}$/).optional(),
});
export type SimulationProvenance = z.infer<typeof simulationProvenance>;

export const simulation = z.strictObject({
  id: z.uuid(),
  planId: z.uuid(),
  planVersion: z.number().int(),
  status: z.enum(["queued", "running", "succeeded", "failed", "cancelled"]),
  progress: share,
  result: simulationResult.optional(),
  provenance: simulationProvenance,
}).meta({ id: "Simulation" });
export type Simulation = z.infer<typeof simulation>;
