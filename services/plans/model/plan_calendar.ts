/** A complete plan's months, rows and spans, counted from its start. */
import type { Anchor } from "../schema.ts";
import type { CompletePlan } from "./complete_plan.ts";
import { anchorMonth, calendarMonth, endMonth, monthOfAge, personNamed } from "./timeline.ts";

/** One row of the answer: a calendar year, or what of it lies within the plan. */
export interface PlanRow {
  year: number;
  /** The first person's age when the row begins. */
  age: number;
  lastMonth: number;
}

/** Months `first` up to but not including `end`. */
export interface MonthSpan {
  first: number;
  end: number;
}

/** Number of months from the start to the last death. Throws a RangeError where a table decides. */
export function monthsOf(plan: CompletePlan): number {
  const end = endMonth(plan);
  if (end === undefined) throw new RangeError("a plan without a fixed end cannot be compiled");
  return end - calendarMonth(plan.startDate);
}

export function rowsOf(plan: CompletePlan): PlanRow[] {
  const start = calendarMonth(plan.startDate);
  const months = monthsOf(plan);
  const rows: PlanRow[] = [];
  for (let first = 0; first < months;) {
    const year = Math.floor((start + first) / 12);
    const lastMonth = Math.min((year + 1) * 12 - start, months) - 1;
    rows.push({ year, age: ageAt(plan, first), lastMonth });
    first = lastMonth + 1;
  }
  return rows;
}

/**
 * The months of the plan that lie between two anchors; empty where they do not meet it. An entry
 * that belongs to a person (`owner` is a name) ends with that person at the latest.
 */
export function spanOf(
  plan: CompletePlan,
  from: Anchor,
  until: Anchor,
  owner: string | undefined,
): MonthSpan {
  const start = calendarMonth(plan.startDate);
  const monthAt = (anchor: Anchor) => (anchorMonth(plan, anchor, owner) ?? start) - start;
  const last = Math.min(monthsOf(plan), monthAt("end"));
  const clipped = (anchor: Anchor) => Math.max(0, Math.min(last, monthAt(anchor)));
  return { first: clipped(from), end: clipped(until) };
}

/** The month of the plan in which `owner` (or the first person) turns `age`; may be negative. */
export function monthTurning(plan: CompletePlan, owner: string | undefined, age: number): number {
  const person = personNamed(plan, owner);
  if (!person) throw new RangeError(`nobody in the plan is called ${owner}`);
  return monthOfAge(person, age) - calendarMonth(plan.startDate);
}

/** Whether month `month` of the plan is a January. */
export function isJanuary(plan: CompletePlan, month: number): boolean {
  return (calendarMonth(plan.startDate) + month) % 12 === 0;
}

function ageAt(plan: CompletePlan, month: number): number {
  return Math.floor((month - monthTurning(plan, undefined, 0)) / 12);
}
