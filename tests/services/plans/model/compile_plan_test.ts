import assert from "node:assert/strict";
import {
  assetClasses,
  type CapitalMarketAssumptions,
  compilePlan,
  completePlan,
  resultOf,
} from "../../../../services/plans/model/mod.ts";
import { planInputs } from "../../../../services/plans/schema.ts";
import { runChunk, samplePaths, summarise } from "../../../../services/simulation/model/mod.ts";
import { baseAssumptions, completeWith, examplePlan } from "../example_plan.ts";

/** One regime without chance: 6 % a year on stocks, 3 % on bonds, 2 % on cash, prices up 2.4 %. */
const certain: CapitalMarketAssumptions = {
  ...baseAssumptions(),
  inflation: { mean: 0.024, volatility: 0, persistence: 0 },
  innovations: { kind: "gaussian" },
  start: "steady",
  transition: [[1]],
  regimes: [{
    name: "steady",
    mean: byClass({ us_equity: Math.log(1.06), bonds: Math.log(1.03), cash: Math.log(1.02) }),
    volatility: byClass({}),
    correlation: assetClasses.map((_, i) => assetClasses.map((_, j) => i === j ? 1 : 0)),
  }],
};

const couple = {
  name: "Three years to go",
  startDate: "2026-07-01",
  people: [
    {
      name: "Kim",
      birthDate: "1964-03-20",
      retirementAge: 65,
      lifeExpectancy: 70,
      income: { amount: "90000", growth: 0.03 },
    },
    { name: "Lee", birthDate: "1962-01-01", retirementAge: 60, lifeExpectancy: 74 },
  ],
  accounts: [
    {
      name: "401k",
      treatment: "tax_deferred",
      balance: "300000",
      contribution: { amount: "12000", growth: 0.01 },
      employerMatch: { rate: 0.5, cap: 0.06 },
    },
    { name: "brokerage", treatment: "taxable", balance: "150000", costBasis: "100000" },
    { name: "savings", treatment: "cash", balance: "30000" },
  ],
  spending: [
    { name: "living", amount: "48000", inflationLinked: true },
    { name: "mortgage", amount: "9600", until: "2030-01-01", inflationLinked: false },
  ],
  incomes: [
    {
      name: "social security",
      kind: "social_security",
      amount: "24000",
      from: { age: 67 },
      person: "Kim",
    },
    { name: "pension", amount: "6000", inflationLinked: false, person: "Lee" },
  ],
  events: [
    { name: "inheritance", amount: "40000", date: "2028-02-10" },
    { name: "roof", amount: "-25000", date: "2031-05-01", inflationLinked: true },
  ],
  goals: [{ name: "half a million", amount: "500000", date: "2029-01-01" }],
  allocation: {
    weights: { us_equity: 0.6, bonds: 0.4 },
    glidePath: [{ age: 68, weights: { us_equity: 0.4, bonds: 0.6 } }],
    rebalance: "annual",
    feeRate: 0.006,
  },
  withdrawal: { rule: "constant_real", order: ["cash", "taxable", "tax_deferred"] },
};

Deno.test("a plan without chance equals the spreadsheet, to a cent, in every year", () => {
  const plan = completePlan(planInputs.parse(couple), "2020-01-01");
  const program = compilePlan(plan, certain);
  const partial = runChunk(program, { seed: 1, firstPath: 0, pathCount: 5 });
  const result = resultOf(plan, program, summarise(partial));
  const sheet = spreadsheet();
  assert.deepEqual(
    result.years.map(({ year, nominal, real }) => [year, nominal.p50, real.p50]),
    sheet.years,
  );
  for (const { nominal } of result.years) assert.equal(nominal.p5, nominal.p95);
  assert.equal(result.taxes, sheet.taxes);
  assert.equal(result.fees, sheet.fees);
  assert.equal(result.successProbability, 1);
  assert.deepEqual(result.goals, [{ name: "half a million", probability: 1 }]);
  assert.deepEqual(result.years.map(({ age }) => age).slice(0, 3), [62, 62, 63]);
});

/**
 * The couple's ten years, written out month by month from the words of the plan. Months count from
 * July 2026; Kim retires in March 2029 (32), turns 67 in March 2031 (56) and 68 in March 2032 (68),
 * dies in March 2034 (92), Lee in January 2036 (114).
 */
function spreadsheet() {
  let deferred = 300_000, taxable = 150_000, basis = 100_000, cash = 30_000;
  let stocks = 0.6, taxes = 0, fees = 0;
  const years: [number, string, string][] = [];
  for (let m = 0; m < 114; m++) {
    const price = 1.024 ** (m / 12);
    const working = m < 32;
    const pay = working ? 7_500 * 1.03 ** Math.floor(m / 12) : 0;
    const saved = working ? 1_000 * 1.01 ** Math.floor(m / 12) : 0;
    deferred += saved + 0.5 * Math.min(saved, 0.06 * pay);
    const payTax = 0.15 * (pay - saved) + 0.0765 * pay;
    const spendable = pay - payTax - saved;
    const benefits = m >= 56 && m < 92 ? 2_000 * price : 0;
    const incomeTax = 0.15 * (0.85 * benefits + 500);
    const inheritance = m === 19 ? 40_000 : 0;
    const roof = m === 58 ? 25_000 * price : 0;
    const spending = 4_000 * price + (m < 42 ? 800 : 0);
    let need = spending - (benefits + 500 - incomeTax + inheritance);
    if (need < 0) {
      taxable -= need;
      basis -= need;
      need = 0;
    }
    need = Math.max(0, need - spendable) + roof;
    const fromCash = Math.min(cash, need);
    cash -= fromCash;
    need -= fromCash;
    const gain = taxable > 0 ? Math.max(0, 1 - basis / taxable) : 0;
    const sold = Math.min(taxable, need / (1 - 0.15 * gain));
    if (taxable > 0) basis *= 1 - sold / taxable;
    taxable -= sold;
    need -= sold * (1 - 0.15 * gain);
    const early = m < (1964 + 59 - 2026) * 12 + 2;
    const drawn = need > 1e-9 ? need / (early ? 0.75 : 0.85) : 0;
    deferred -= drawn;
    const withheld = sold * 0.15 * gain + drawn * (early ? 0.25 : 0.15);
    taxes += (payTax + incomeTax + withheld) / price;
    // Each January the mix goes back to its target, which slides from month 0 to month 68.
    if ((m + 6) % 12 === 0) stocks = 0.6 - 0.2 * Math.min(1, m / 68);
    const up = stocks * 1.06 ** (1 / 12), flat = (1 - stocks) * 1.03 ** (1 / 12);
    stocks = up / (up + flat);
    fees += 0.0005 * (deferred + taxable) * (up + flat) / price;
    deferred *= (up + flat) * 0.9995;
    taxable *= (up + flat) * 0.9995;
    cash *= 1.02 ** (1 / 12);
    if ((m + 7) % 12 === 0 || m === 113) {
      const wealth = deferred + taxable + cash;
      const year = 2026 + Math.floor((m + 6) / 12);
      years.push([year, wealth.toFixed(2), (wealth / 1.024 ** ((m + 1) / 12)).toFixed(2)]);
    }
  }
  return { years, taxes: taxes.toFixed(2), fees: fees.toFixed(2) };
}

Deno.test("the contract's example runs for 556 months over 47 calendar years, from age 45", () => {
  const plan = completeWith({});
  const program = compilePlan(plan, baseAssumptions());
  assert.equal(program.months, 556);
  assert.equal(program.rowEnds.length, 47);
  assert.deepEqual(program.market.assets, ["us_equity", "intl_equity", "bonds", "cash"]);
  const { years } = resultOf(
    plan,
    program,
    summarise(runChunk(program, { seed: 1, firstPath: 0, pathCount: 10 })),
  );
  assert.equal(years[0]?.year, 2026);
  assert.equal(years[0]?.age, 45);
  assert.equal(years.at(-1)?.year, 2072);
});

Deno.test("the percent rule spends its share of each year's wealth, no more and no less", () => {
  const plan = completeWith({
    people: [{ name: "Kim", birthDate: "1960-01-01", retirementAge: 65, lifeExpectancy: 68 }],
    accounts: [{ name: "roth", treatment: "roth", balance: "100000" }],
    spending: [{ name: "living", amount: "5000", inflationLinked: false }],
    incomes: [],
    events: [],
    goals: [],
    allocation: { weights: { cash: 1 } },
    withdrawal: { rule: "percent", rate: 0.06 },
  });
  const flat = { ...certain, regimes: certain.regimes.map((r) => ({ ...r, mean: byClass({}) })) };
  const program = compilePlan(plan, flat);
  assert.deepEqual(samplePaths(program, 1, [0])[0]?.nominal.map(Math.round), [94_000, 88_360]);
  const enough = summarise(runChunk(program, { seed: 1, firstPath: 0, pathCount: 1 }));
  assert.equal(enough.successProbability, 1);
  // The second year's draw of 5,640 does not pay for 5,700.
  const wanting = {
    ...plan,
    spending: [{ name: "living", amount: "5700", inflationLinked: false }],
  };
  const short = compilePlan(wanting, flat);
  const { shortfall } = summarise(runChunk(short, { seed: 1, firstPath: 0, pathCount: 1 }));
  assert.equal(shortfall.probability, 1);
  assert.equal(shortfall.medianRow, 1);
  assert.ok(Math.abs((shortfall.medianAmount ?? 0) - 60 / 1.024 ** (17.5 / 12)) < 0.1);
});

Deno.test("accounts are drawn in the plan's order, and what it does not name comes last", () => {
  const names = ["529", "hsa", "roth", "tax_deferred", "taxable", "cash"];
  const accounts = names.map((treatment) => ({ name: treatment, treatment, balance: "1" }));
  const plan = completeWith({
    accounts,
    withdrawal: { rule: "constant_real", order: ["roth", "taxable"] },
  });
  const drawn = compilePlan(plan, baseAssumptions()).accounts.map((account) => account.name);
  assert.deepEqual(drawn, ["roth", "taxable", "cash", "tax_deferred", "hsa", "529"]);
});

Deno.test("income beyond spending is saved, pay beyond spending is lived on", () => {
  const only = { spending: [], events: [], goals: [], allocation: { weights: { cash: 1 } } };
  const people = [{ ...examplePlan.people[0], retirementAge: 47 }];
  const flat = { ...certain, regimes: certain.regimes.map((r) => ({ ...r, mean: byClass({}) })) };
  const plan = completeWith({
    ...only,
    people,
    accounts: [],
    incomes: [{ name: "rent", amount: "12000", until: "2027-01-01", inflationLinked: false }],
  });
  const [path] = samplePaths(compilePlan(plan, flat), 1, [0]);
  assert.equal(path?.nominal[0]?.toFixed(2), "10200.00");
});

Deno.test("who dies before retiring earns and saves no longer than that", () => {
  const plan = completeWith({
    people: [
      { ...examplePlan.people[0], lifeExpectancy: 50 },
      { name: "Lee", birthDate: "1985-01-01", retirementAge: 60, lifeExpectancy: 80 },
    ],
    spending: [],
    incomes: [],
    events: [],
    goals: [],
  });
  const { accounts, taxes, months } = compilePlan(plan, baseAssumptions());
  assert.equal(months, (1985 + 80 - 2026) * 12);
  const alive = (1980 + 50 - 2026) * 12 + 4;
  const saved = accounts.find((account) => account.name === "401k");
  for (const flow of [saved?.deposits.nominal, taxes.nominal]) {
    assert.equal(flow?.filter((amount) => amount > 0).length, alive);
  }
});

Deno.test("inflation has the yearly deviation that the assumptions state", () => {
  const plan = completeWith({ accounts: [{ name: "a", treatment: "roth", balance: "1000" }] });
  const program = compilePlan(plan, baseAssumptions());
  const { volatility, persistence } = program.inflation;
  // Weights of the last twelve months' shocks and of all before them in the sum of a year.
  let variance = 0;
  for (let age = 0; age < 400; age++) {
    let weight = 0;
    for (let month = Math.max(0, 11 - age); month < 12; month++) {
      weight += persistence ** (month - (11 - age));
    }
    variance += (weight * volatility) ** 2;
  }
  assert.ok(Math.abs(Math.sqrt(variance) - baseAssumptions().inflation.volatility) < 1e-9);
});

function byClass(values: Partial<Record<typeof assetClasses[number], number>>) {
  return Object.fromEntries(
    assetClasses.map((asset) => [asset, values[asset] ?? 0]),
  ) as Record<typeof assetClasses[number], number>;
}
