/** What is wrong between the fields of a plan whose fields are right one by one. */
import { limits } from "../../simulation/model/mod.ts";
import type { Anchor, PlanInputs } from "../schema.ts";
import {
  anchorMonth,
  calendarMonth,
  endMonth,
  lastMonthOf,
  longestYears,
  personNamed,
} from "./timeline.ts";

/** A path as zod writes it. */
export interface PlanIssue {
  path: (string | number)[];
  message: string;
}

/** Checks that need a start date are left out where the plan has none. */
export function planIssues(plan: PlanInputs): PlanIssue[] {
  return [
    ...peopleIssues(plan),
    ...ownerIssues(plan),
    ...accountIssues(plan),
    ...spanIssues(plan),
    ...dateIssues(plan),
    ...allocationIssues(plan),
    ...withdrawalIssues(plan),
  ];
}

function peopleIssues(plan: PlanInputs): PlanIssue[] {
  const issues = duplicateIssues("people", plan.people.map((person) => person.name));
  const start = startMonth(plan);
  if (start === undefined) return issues;
  plan.people.forEach((person, index) => {
    const end = lastMonthOf(person);
    if (calendarMonth(person.birthDate) > start) {
      issues.push({ path: ["people", index, "birthDate"], message: "must not follow startDate" });
    }
    if (end !== undefined && end <= start) {
      const message = "must be reached after startDate";
      issues.push({ path: ["people", index, "lifeExpectancy"], message });
    }
    if (end !== undefined && end > start + longestYears * 12) {
      const message = `must be reached within ${longestYears} years of startDate`;
      issues.push({ path: ["people", index, "lifeExpectancy"], message });
    }
  });
  return issues;
}

function ownerIssues(plan: PlanInputs): PlanIssue[] {
  const named = [
    ...plan.accounts.map((entry, index) => ({ path: ["accounts", index, "owner"], entry })),
    ...(plan.spending ?? []).map((entry, index) => ({
      path: ["spending", index, "person"],
      entry,
    })),
    ...(plan.incomes ?? []).map((entry, index) => ({ path: ["incomes", index, "person"], entry })),
  ];
  return named
    .filter(({ entry }) => !personNamed(plan, ownerOf(entry)))
    .map(({ path }) => ({ path, message: "must name one of the plan's people" }));
}

function accountIssues(plan: PlanInputs): PlanIssue[] {
  return plan.accounts.flatMap(
    ({ employerMatch, contribution, owner, treatment, costBasis }, index) => {
      const issues: PlanIssue[] = [];
      const add = (field: string, message: string) =>
        issues.push({ path: ["accounts", index, field], message });
      if (employerMatch && !contribution) add("employerMatch", "needs a contribution to match");
      if (employerMatch?.cap !== undefined && !personNamed(plan, owner)?.income) {
        add("employerMatch", "has a cap, so its owner must have an income");
      }
      if (costBasis !== undefined && treatment !== "taxable") {
        add("costBasis", "belongs to taxable accounts only");
      }
      return issues;
    },
  );
}

interface Span {
  path: (string | number)[];
  from: Anchor;
  until: Anchor;
  owner: string | undefined;
}

function spanIssues(plan: PlanInputs): PlanIssue[] {
  return spans(plan).flatMap((span) => {
    const message = spanProblem(plan, span);
    return message ? [{ path: span.path, message }] : [];
  });
}

function spans(plan: PlanInputs): Span[] {
  return [
    ...plan.accounts.flatMap(({ contribution, owner }, index) =>
      contribution
        ? [{
          path: ["accounts", index, "contribution", "until"],
          from: contribution.from ?? "start",
          until: contribution.until ?? "retirement",
          owner,
        }]
        : []
    ),
    ...(["spending", "incomes"] as const).flatMap((list) =>
      (plan[list] ?? []).map((entry, index) => ({
        path: [list, index, "until"],
        from: entry.from ?? "start",
        until: entry.until ?? "end",
        owner: entry.person,
      }))
    ),
  ];
}

/** Someone already retired may keep "until retirement"; what names an age or a date must lie ahead. */
function spanProblem(plan: PlanInputs, { from, until, owner }: Span): string | null {
  const first = anchorMonth(plan, from, owner);
  const last = anchorMonth(plan, until, owner);
  if (first === undefined || last === undefined) return null;
  const begun = from === "start";
  if (!begun && last <= first) return "must be later than from";
  if (begun && last <= first && until !== "retirement") return "must be later than startDate";
  return null;
}

function dateIssues(plan: PlanInputs): PlanIssue[] {
  const start = startMonth(plan);
  const end = endMonth(plan);
  const dated = (["events", "goals"] as const).flatMap((list) =>
    (plan[list] ?? []).map(({ date }, index) => ({ path: [list, index, "date"], date }))
  );
  const issues = dated.flatMap(({ path, date }) => {
    const month = calendarMonth(date);
    if (start !== undefined && month < start) {
      return [{ path, message: "must not be before startDate" }];
    }
    if (end !== undefined && month >= end) return [{ path, message: "must be within the plan" }];
    return [];
  });
  return [...issues, ...duplicateIssues("goals", (plan.goals ?? []).map((goal) => goal.name))];
}

function allocationIssues({ allocation }: PlanInputs): PlanIssue[] {
  const points = allocation.glidePath ?? [];
  const issues = sumIssues(["allocation", "weights"], allocation.weights);
  points.forEach((point, index) => {
    const path = ["allocation", "glidePath", index];
    issues.push(...sumIssues([...path, "weights"], point.weights));
    const previous = points[index - 1];
    if (previous && point.age <= previous.age) {
      issues.push({ path: [...path, "age"], message: "must be above the age before it" });
    }
  });
  return issues;
}

function withdrawalIssues({ withdrawal }: PlanInputs): PlanIssue[] {
  if (!withdrawal) return [];
  const issues: PlanIssue[] = [];
  const order = withdrawal.order ?? [];
  order.forEach((treatment, index) => {
    if (order.indexOf(treatment) < index) {
      issues.push({ path: ["withdrawal", "order", index], message: "must not be named twice" });
    }
  });
  if (withdrawal.rule === "percent" && withdrawal.rate === undefined) {
    issues.push({ path: ["withdrawal", "rate"], message: "is required by the rule percent" });
  }
  if (withdrawal.rule !== "percent" && withdrawal.rate !== undefined) {
    issues.push({ path: ["withdrawal", "rate"], message: "belongs to the rule percent only" });
  }
  return issues;
}

function sumIssues(path: (string | number)[], weights: Record<string, number | undefined>) {
  const sum = Object.values(weights).reduce((total: number, weight) => total + (weight ?? 0), 0);
  return Math.abs(sum - 1) <= limits.sumTolerance ? [] : [{ path, message: "must sum to 1" }];
}

function duplicateIssues(list: string, names: readonly string[]): PlanIssue[] {
  return names.flatMap((name, index) =>
    names.indexOf(name) < index
      ? [{ path: [list, index, "name"], message: "must differ from the others" }]
      : []
  );
}

function ownerOf(entry: { owner?: string } | { person?: string }): string | undefined {
  return "owner" in entry ? entry.owner : "person" in entry ? entry.person : undefined;
}

function startMonth(plan: PlanInputs): number | undefined {
  return plan.startDate === undefined ? undefined : calendarMonth(plan.startDate);
}
