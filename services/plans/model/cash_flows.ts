/**
 * A plan's money by month, before chance. A year's amount is paid in twelve equal parts at the
 * beginning of each month. Spending and incomes are inflation-linked unless they say otherwise;
 * events and goals are not unless they say so; contributions and pay grow by their own rate, a step
 * each twelve months from the start.
 */
import type { Flow } from "../../simulation/model/mod.ts";
import type { PlanInputs } from "../schema.ts";
import type { CompletePlan } from "./complete_plan.ts";
import { monthsOf, type MonthSpan, spanOf } from "./plan_calendar.ts";
import { calendarMonth, personNamed } from "./timeline.ts";
import { flatTaxModel } from "./tax_model.ts";

type Account = PlanInputs["accounts"][number];

interface MutableFlow extends Flow {
  nominal: number[];
  real: number[];
}

export interface CashFlows {
  spending: Flow;
  outlays: Flow;
  incomes: Flow;
  pay: Flow;
  taxes: Flow;
}

export function cashFlowsOf(plan: CompletePlan): CashFlows {
  const months = monthsOf(plan);
  const flows = {
    spending: emptyFlow(months),
    outlays: emptyFlow(months),
    incomes: emptyFlow(months),
    pay: emptyFlow(months),
    taxes: emptyFlow(months),
  };
  for (const entry of plan.spending) {
    const span = spanOf(plan, entry.from ?? "start", entry.until ?? "end", entry.person);
    addYearly(flows.spending, span, Number(entry.amount), entry.inflationLinked ?? true);
  }
  addIncomes(plan, flows.incomes, flows.taxes);
  addEvents(plan, flows.incomes, flows.outlays);
  addPay(plan, flows.pay, flows.taxes);
  return flows;
}

/** What the owner pays into `account`, by month. */
export function contributionsTo(plan: CompletePlan, account: Account): number[] {
  const months = monthsOf(plan);
  const { contribution, owner } = account;
  if (!contribution) return new Array(months).fill(0);
  const span = spanOf(
    plan,
    contribution.from ?? "start",
    contribution.until ?? "retirement",
    personNamed(plan, owner)?.name,
  );
  return growing(months, span, Number(contribution.amount), contribution.growth ?? 0);
}

/** What the employer adds: `rate` of the contribution, up to `cap` of the owner's pay. */
export function employerMatchTo(plan: CompletePlan, account: Account): number[] {
  const { employerMatch, owner } = account;
  const contributions = contributionsTo(plan, account);
  if (!employerMatch) return contributions.map(() => 0);
  const pay = payOf(plan, owner);
  return contributions.map((contribution, month) => {
    const matched = employerMatch.cap === undefined
      ? contribution
      : Math.min(contribution, employerMatch.cap * (pay[month] ?? 0));
    return employerMatch.rate * matched;
  });
}

function addIncomes(plan: CompletePlan, incomes: MutableFlow, taxes: MutableFlow): void {
  for (const entry of plan.incomes) {
    const span = spanOf(plan, entry.from ?? "start", entry.until ?? "end", entry.person);
    const linked = entry.inflationLinked ?? true;
    const taxedShare = entry.kind === "social_security" ? flatTaxModel.socialSecurityShare : 1;
    const tax = Number(entry.amount) * taxedShare * flatTaxModel.ordinaryRate;
    addYearly(incomes, span, Number(entry.amount) - tax, linked);
    addYearly(taxes, span, tax, linked);
  }
}

/** Money that comes in is not taxed: gifts, inheritances and sales are after tax. */
function addEvents(plan: CompletePlan, incomes: MutableFlow, outlays: MutableFlow): void {
  const start = calendarMonth(plan.startDate);
  for (const event of plan.events) {
    const amount = Number(event.amount);
    const flow = amount > 0 ? incomes : outlays;
    const list = event.inflationLinked ? flow.real : flow.nominal;
    const month = calendarMonth(event.date) - start;
    list[month] = (list[month] ?? 0) + Math.abs(amount);
  }
}

/** Pay after tax and after what its earner saves; contributions before tax lower the income tax. */
function addPay(plan: CompletePlan, flow: MutableFlow, taxes: MutableFlow): void {
  for (const person of plan.people) {
    const pay = payOf(plan, person.name);
    const own = plan.accounts.filter(({ owner }) => personNamed(plan, owner) === person);
    const saved = sumByMonth(pay.length, own.map((account) => contributionsTo(plan, account)));
    const deducted = sumByMonth(
      pay.length,
      own.filter(isDeductible).map((account) => contributionsTo(plan, account)),
    );
    pay.forEach((gross, month) => {
      const taxable = Math.max(0, gross - (deducted[month] ?? 0));
      const tax = taxable * flatTaxModel.ordinaryRate + gross * flatTaxModel.payrollRate;
      taxes.nominal[month] = (taxes.nominal[month] ?? 0) + tax;
      const left = Math.max(0, gross - tax - (saved[month] ?? 0));
      flow.nominal[month] = (flow.nominal[month] ?? 0) + left;
    });
  }
}

function payOf(plan: CompletePlan, name: string | undefined): number[] {
  const months = monthsOf(plan);
  const income = personNamed(plan, name)?.income;
  if (!income) return new Array(months).fill(0);
  const span = spanOf(plan, "start", "retirement", personNamed(plan, name)?.name);
  return growing(months, span, Number(income.amount), income.growth ?? 0);
}

function isDeductible({ treatment }: Account): boolean {
  return treatment === "tax_deferred" || treatment === "hsa";
}

function addYearly(flow: MutableFlow, span: MonthSpan, yearly: number, linked: boolean): void {
  const list = linked ? flow.real : flow.nominal;
  for (let month = span.first; month < span.end; month++) {
    list[month] = (list[month] ?? 0) + yearly / 12;
  }
}

/** A twelfth of `yearly` in each month of the span, more by `growth` after each twelve months. */
function growing(months: number, span: MonthSpan, yearly: number, growth: number): number[] {
  const list = new Array<number>(months).fill(0);
  let monthly = yearly / 12;
  for (let month = 0; month < span.end; month++) {
    if (month > 0 && month % 12 === 0) monthly *= 1 + growth;
    if (month >= span.first) list[month] = monthly;
  }
  return list;
}

function sumByMonth(months: number, lists: readonly number[][]): number[] {
  return Array.from(
    { length: months },
    (_, month) => lists.reduce((sum, list) => sum + (list[month] ?? 0), 0),
  );
}

function emptyFlow(months: number): MutableFlow {
  return { nominal: new Array(months).fill(0), real: new Array(months).fill(0) };
}
