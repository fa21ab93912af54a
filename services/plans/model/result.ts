/** A summary in the words of the API. What this engine does not compute is left out. */
import type { Percentiles, PlanProgram, Summary } from "../../simulation/model/mod.ts";
import type { SimulationResult } from "../schema.ts";
import type { CompletePlan } from "./complete_plan.ts";
import { rowsOf } from "./plan_calendar.ts";

/**
 * The result of a simulation of `plan`. Each year's wealth is that of its end (or of the plan's),
 * before tax on withdrawal; the age is the first person's at its beginning. Fees, taxes and the
 * shortfall are means and medians of whole paths, in the money of the start.
 */
export function resultOf(
  plan: CompletePlan,
  program: PlanProgram,
  summary: Summary,
): SimulationResult {
  const rows = rowsOf(plan);
  const { shortfall, risk } = summary;
  const { medianRow, medianAmount } = shortfall;
  return {
    successProbability: summary.successProbability,
    successInterval: summary.successInterval,
    standardError: summary.standardError,
    years: summary.rows.map((row, index) => ({
      year: rows[index]?.year ?? 0,
      age: rows[index]?.age ?? 0,
      nominal: inMoney(row.nominal),
      real: inMoney(row.real),
    })),
    shortfall: {
      probability: shortfall.probability,
      ...(medianRow === null ? {} : { medianYear: rows[medianRow]?.year }),
      ...(medianAmount === null ? {} : { medianAmount: money(medianAmount) }),
    },
    goals: program.goals.map(({ name }, index) => ({
      name,
      probability: summary.goals[index] ?? 0,
    })),
    // The return of a year needs a year.
    ...(program.months < 12 ? {} : {
      risk: {
        ...risk.historical,
        parametric: risk.parametric,
        cornishFisher: risk.cornishFisher,
        skewness: risk.moments.skewness,
        excessKurtosis: risk.moments.excessKurtosis,
      },
    }),
    maxDrawdown: summary.maxDrawdown,
    regimes: Object.fromEntries(
      program.market.regimes.map(({ name }, index) => [name, summary.regimes[index] ?? 0]),
    ),
    fees: money(summary.fees),
    taxes: money(summary.taxes),
  };
}

/** A decimal string with two digits, whatever the size. */
export function money(value: number): string {
  // toFixed falls back to an exponent from 1e21 on, where a double has no cents anyway.
  return Math.abs(value) < 1e21 ? value.toFixed(2) : `${BigInt(value)}.00`;
}

function inMoney(percentiles: Percentiles): Record<keyof Percentiles, string> {
  const entries = Object.entries(percentiles).map(([level, value]) => [level, money(value)]);
  return Object.fromEntries(entries) as Record<keyof Percentiles, string>;
}
