/** What a household does with its money in one month: save, spend, draw. */
import { contribute, deposit, drawGross, drawNet, type Ledger, wealthOf } from "./ledger.ts";
import { flowAt, type MonthlyFlow, monthlyFlow, type PlanProgram } from "./program.ts";

export interface Household {
  readonly ledger: Ledger;
  readonly surplusAccount: number;
  readonly spending: MonthlyFlow;
  readonly outlays: MonthlyFlow;
  readonly incomes: MonthlyFlow;
  readonly pay: MonthlyFlow;
  readonly taxes: MonthlyFlow;
  readonly rule: PlanProgram["percentRule"];
  /** Months in which the percent rule looks at wealth anew. */
  readonly yearStarts: ReadonlySet<number>;
  /** What the percent rule draws each month of the year, before tax. */
  monthlyDraw: number;
}

export function createHousehold(program: PlanProgram, ledger: Ledger): Household {
  const { months, surplusAccount, percentRule } = program;
  return {
    ledger,
    surplusAccount,
    spending: monthlyFlow(program.spending, months),
    outlays: monthlyFlow(program.outlays, months),
    incomes: monthlyFlow(program.incomes, months),
    pay: monthlyFlow(program.pay, months),
    taxes: monthlyFlow(program.taxes, months),
    rule: percentRule,
    yearStarts: new Set([percentRule?.fromMonth ?? 0, ...program.rowEnds.map((end) => end + 1)]),
    monthlyDraw: 0,
  };
}

/** Settles the beginning of `month` at price level `index`; returns what could not be paid. */
export function settle(household: Household, month: number, index: number): number {
  const { ledger, rule } = household;
  const underRule = rule !== null && month >= rule.fromMonth;
  if (underRule && household.yearStarts.has(month)) {
    household.monthlyDraw = rule.rate * wealthOf(ledger) / 12;
  }
  contribute(ledger, month, index);
  const needed = neededAfterIncome(household, month, index);
  const outlay = flowAt(household.outlays, month, index);
  if (!underRule) return drawNet(ledger, needed + outlay, month);
  const received = drawGross(ledger, household.monthlyDraw, month);
  return Math.max(0, needed - received) + drawNet(ledger, outlay, month);
}

/** Tax already taken from the month's incomes and pay. */
export function incomeTax(household: Household, month: number, index: number): number {
  return flowAt(household.taxes, month, index);
}

/** Spending that incomes and pay leave open. What incomes leave over is saved, pay is lived on. */
function neededAfterIncome(household: Household, month: number, index: number): number {
  const { spending, incomes, pay, ledger, surplusAccount } = household;
  const open = flowAt(spending, month, index) - flowAt(incomes, month, index);
  if (open > 0) return Math.max(0, open - flowAt(pay, month, index));
  if (open < 0) deposit(ledger, surplusAccount, -open);
  return 0;
}
