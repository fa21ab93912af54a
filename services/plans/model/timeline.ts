/** A plan's calendar: months counted from its start, ages, and what "retirement" and "end" mean. */
import type { Anchor, PlanInputs } from "../schema.ts";

type Person = PlanInputs["people"][number];

/** Longest plan, in years. */
export const longestYears = 70;

/** The name of the person an entry belongs to; the first person's where it names nobody. */
export function personNamed(plan: PlanInputs, name: string | undefined): Person | undefined {
  return name === undefined ? plan.people[0] : plan.people.find((person) => person.name === name);
}

/** Months since year 0 of an ISO date; its day does not count. */
export function calendarMonth(date: string): number {
  const [year = 0, month = 1] = date.split("-").map(Number);
  return year * 12 + month - 1;
}

/** The calendar month in which `person` turns `age`. Ages turn on the first of the month. */
export function monthOfAge(person: Person, age: number): number {
  return calendarMonth(person.birthDate) + age * 12;
}

/** The month after the person's last one, or undefined where a table decides. */
export function lastMonthOf(person: Person): number | undefined {
  const { lifeExpectancy } = person;
  return typeof lifeExpectancy === "number" ? monthOfAge(person, lifeExpectancy) : undefined;
}

/** The calendar month after the last death, or undefined where a table decides. */
export function endMonth(plan: PlanInputs): number | undefined {
  const ends = plan.people.map(lastMonthOf);
  if (ends.includes(undefined)) return undefined;
  return Math.max(...ends.map((end) => end ?? 0));
}

/**
 * The calendar month an anchor means for an entry of `owner` (a person's name, or undefined for the
 * household). "retirement" is the owner's or the first person's; "end" the owner's or the last death.
 */
export function anchorMonth(
  plan: PlanInputs,
  anchor: Anchor,
  owner: string | undefined,
): number | undefined {
  const person = personNamed(plan, owner);
  if (!person) return undefined;
  if (anchor === "start") return plan.startDate ? calendarMonth(plan.startDate) : undefined;
  if (anchor === "retirement") return monthOfAge(person, person.retirementAge);
  if (anchor === "end") return owner === undefined ? endMonth(plan) : lastMonthOf(person);
  return typeof anchor === "string" ? calendarMonth(anchor) : monthOfAge(person, anchor.age);
}
