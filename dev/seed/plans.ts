import type postgres from "postgres";
import { demoPeople } from "./people.ts";

const startedAt = new Date("2026-01-05T09:00:00.000Z");

const household = {
  currency: "USD",
  startDate: "2026-01-01",
  people: [{
    name: "Michael",
    birthDate: "1980-05-01",
    retirementAge: 65,
    lifeExpectancy: 92,
    income: { amount: "120000", growth: 0.02 },
  }],
  accounts: [
    {
      name: "401k",
      treatment: "tax_deferred",
      balance: "250000",
      contribution: { amount: "19500", until: "retirement" },
      employerMatch: { rate: 0.5, cap: 0.06 },
    },
    { name: "brokerage", treatment: "taxable", balance: "85000", costBasis: "60000" },
    { name: "savings", treatment: "cash", balance: "30000" },
  ],
  incomes: [{
    name: "social security",
    kind: "social_security",
    amount: "30000",
    from: { age: 67 },
    until: "end",
    inflationLinked: true,
  }],
  assumptions: { set: "base", version: 1 },
};

/** Three plans of the demo client: as it is, earlier, and more carefully. */
const plans = [
  {
    id: "0192a000-0000-7000-8000-00000000a001",
    inputs: {
      ...household,
      name: "Retire at 65",
      spending: [spending("60000")],
      goals: [{ name: "college", amount: "150000", date: "2040-09-01", priority: 1 }],
      allocation: {
        weights: { us_equity: 0.5, intl_equity: 0.1, bonds: 0.35, cash: 0.05 },
        rebalance: "annual",
        feeRate: 0.002,
      },
    },
  },
  {
    id: "0192a000-0000-7000-8000-00000000a002",
    inputs: {
      ...household,
      name: "Retire at 60",
      people: [{ ...household.people[0], retirementAge: 60 }],
      spending: [spending("55000")],
      allocation: {
        weights: { us_equity: 0.65, intl_equity: 0.15, bonds: 0.2 },
        rebalance: "annual",
      },
    },
  },
  {
    id: "0192a000-0000-7000-8000-00000000a003",
    inputs: {
      ...household,
      name: "A house in 2032",
      spending: [spending("52000")],
      events: [{ name: "house", amount: "-100000", date: "2032-06-01" }],
      allocation: {
        weights: { us_equity: 0.35, bonds: 0.45, tips: 0.1, cash: 0.1 },
        rebalance: "threshold",
      },
    },
  },
];

function spending(amount: string) {
  return {
    name: "living",
    amount,
    from: "retirement",
    until: "end",
    inflationLinked: true,
    essential: true,
  };
}

export async function seedPlans(sql: postgres.TransactionSql): Promise<void> {
  const userId = demoPeople.client.id;
  for (const { id, inputs } of plans) {
    await sql`
      insert into plans (id, user_id, name, version, created_at, updated_at)
      values (${id}, ${userId}, ${inputs.name}, 1, ${startedAt}, ${startedAt}) on conflict (id) do nothing`;
    await sql`
      insert into plan_versions (plan_id, number, user_id, inputs, created_at, created_by)
      values (${id}, 1, ${userId}, ${sql.json(inputs as never)}, ${startedAt}, ${userId})
      on conflict (plan_id, number) do nothing`;
  }
}
