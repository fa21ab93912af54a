/** A plan and a set of assumptions become a program for the engine. */
import {
  type InflationModel,
  log,
  type MarketModel,
  type PlanProgram,
  type ProgramAccount,
  type Rebalancing,
} from "../../simulation/model/mod.ts";
import { type AssetClass, assetClasses, type CapitalMarketAssumptions } from "./assumptions.ts";
import { cashFlowsOf, contributionsTo, employerMatchTo } from "./cash_flows.ts";
import { type CompletePlan, defaultOrder } from "./complete_plan.ts";
import { classesHeld, targetWeights } from "./glide_path.ts";
import { isJanuary, monthsOf, monthTurning, rowsOf, spanOf } from "./plan_calendar.ts";
import { flatTaxModel } from "./tax_model.ts";
import { calendarMonth } from "./timeline.ts";

type Account = CompletePlan["accounts"][number];

/** "threshold" rebalances where a weight is further than this from its target. */
const rebalancingBand = 0.05;

/**
 * The program of `plan`, month by month from its start to its last death. Only the asset classes
 * that the plan ever holds are simulated. Ask `unsupportedInputs` first: what it names would be
 * ignored here, but for a life expectancy by table, which throws a RangeError.
 */
export function compilePlan(
  plan: CompletePlan,
  assumptions: CapitalMarketAssumptions,
): PlanProgram {
  const months = monthsOf(plan);
  const classes = classesHeld(plan);
  const accounts = inOrderOfDrawing(plan, withSurplusAccount(plan.accounts));
  const cashAsset = classes.indexOf("cash");
  return {
    market: marketOf(assumptions, classes),
    inflation: inflationOf(assumptions),
    months,
    rowEnds: rowsOf(plan).map((row) => row.lastMonth),
    targets: targetWeights(plan).map((weights) => classes.map((asset) => weights[asset])),
    rebalancing: rebalancingOf(plan, months),
    monthlyFee: (plan.allocation.feeRate ?? 0) / 12,
    cashAsset: cashAsset < 0 ? null : cashAsset,
    accounts: accounts.map((account) => programAccount(plan, account, months)),
    surplusAccount: surplusIndex(accounts),
    ...cashFlowsOf(plan),
    percentRule: percentRuleOf(plan),
    goals: plan.goals.map(({ name, amount, date, inflationLinked }) => ({
      name,
      month: calendarMonth(date) - calendarMonth(plan.startDate),
      nominal: inflationLinked ? 0 : Number(amount),
      real: inflationLinked ? Number(amount) : 0,
    })),
  };
}

/** Yearly log figures become monthly ones: means divide by 12, volatilities by its root. */
function marketOf(
  assumptions: CapitalMarketAssumptions,
  classes: readonly AssetClass[],
): MarketModel {
  const places = classes.map((asset) => assetClasses.indexOf(asset));
  return {
    assets: classes,
    regimes: assumptions.regimes.map(({ name, mean, volatility, correlation }) => ({
      name,
      drift: classes.map((asset) => mean[asset] / 12),
      volatility: classes.map((asset) => volatility[asset] / Math.sqrt(12)),
      correlation: places.map((row) => places.map((column) => correlation[row]?.[column] ?? 0)),
    })),
    transition: assumptions.transition,
    start: assumptions.start,
    innovations: assumptions.innovations,
  };
}

/**
 * Monthly log inflation whose sum over twelve months has the wanted deviation once the plan is well
 * under way: an autoregression of variance v has Var[sum of 12] = v (12 + 2 sum (12 - h) phi^h).
 */
function inflationOf({ inflation }: CapitalMarketAssumptions): InflationModel {
  const { mean, volatility, persistence } = inflation;
  let yearPerMonth = 12, power = 1;
  for (let lag = 1; lag < 12; lag++) {
    power *= persistence;
    yearPerMonth += 2 * (12 - lag) * power;
  }
  const monthly = volatility / Math.sqrt(yearPerMonth);
  return {
    mean: log(1 + mean) / 12,
    volatility: monthly * Math.sqrt(1 - persistence * persistence),
    persistence,
  };
}

function rebalancingOf(plan: CompletePlan, months: number): Rebalancing {
  const rule = plan.allocation.rebalance ?? "annual";
  if (rule === "threshold") return { kind: "threshold", band: rebalancingBand };
  const due = (month: number) => rule === "annual" && isJanuary(plan, month);
  return { kind: "calendar", months: Array.from({ length: months }, (_, month) => due(month)) };
}

function programAccount(plan: CompletePlan, account: Account, months: number): ProgramAccount {
  const match = employerMatchTo(plan, account);
  const opening = Number(account.balance);
  return {
    name: account.name,
    opening,
    openingBasis: account.costBasis === undefined ? opening : Number(account.costBasis),
    earns: account.treatment === "cash" ? "cash" : "portfolio",
    deposits: {
      nominal: contributionsTo(plan, account).map((own, month) => own + (match[month] ?? 0)),
      real: [],
    },
    withdrawalTax: Array.from({ length: months }, (_, month) => taxShare(plan, account, month)),
    gainsTax: account.treatment === "taxable" ? flatTaxModel.gainsRate : 0,
  };
}

/** Share of a withdrawal in `month` that is income tax, with the surcharge on early ones. */
function taxShare(plan: CompletePlan, { treatment, owner }: Account, month: number): number {
  if (treatment !== "tax_deferred") return 0;
  const early = month < monthTurning(plan, owner, 0) + flatTaxModel.earlyAgeMonths;
  return flatTaxModel.ordinaryRate + (early ? flatTaxModel.earlyRate : 0);
}

/** Income beyond spending needs somewhere to go: a taxable account, or cash. */
function withSurplusAccount(accounts: readonly Account[]): readonly Account[] {
  if (surplusIndex(accounts) >= 0) return accounts;
  return [...accounts, { name: "surplus", treatment: "taxable", balance: "0" }];
}

function surplusIndex(accounts: readonly Account[]): number {
  const taxable = accounts.findIndex((account) => account.treatment === "taxable");
  return taxable >= 0 ? taxable : accounts.findIndex((account) => account.treatment === "cash");
}

function inOrderOfDrawing(plan: CompletePlan, accounts: readonly Account[]): Account[] {
  const order = [...plan.withdrawal.order ?? [], ...defaultOrder];
  const place = ({ treatment }: Account) => order.indexOf(treatment);
  return [...accounts].sort((a, b) => place(a) - place(b));
}

function percentRuleOf(plan: CompletePlan): PlanProgram["percentRule"] {
  const { rule, rate } = plan.withdrawal;
  if (rule !== "percent" || rate === undefined) return null;
  return { rate, fromMonth: spanOf(plan, "retirement", "end", undefined).first };
}
