/** What a plan may ask for and this engine cannot answer. */
import { engineVersion } from "../../simulation/model/mod.ts";
import type { PlanInputs } from "../schema.ts";

export interface UnsupportedInput {
  /** The field, dotted: "withdrawal.rule". */
  path: string;
  message: string;
}

/** Each field that a simulation would have to ignore; empty where it can honour the whole plan. */
export function unsupportedInputs(plan: PlanInputs): UnsupportedInput[] {
  const issues: UnsupportedInput[] = [];
  const add = (path: string, message: string) => issues.push({ path, message });
  plan.people.forEach(({ lifeExpectancy }, index) => {
    if (typeof lifeExpectancy !== "number") {
      add(`people.${index}.lifeExpectancy`, "mortality tables are not simulated: give an age");
    }
  });
  (plan.goals ?? []).forEach(({ met }, index) => {
    if (met === "paid") add(`goals.${index}.met`, 'only "reached" is simulated');
  });
  const { rule } = plan.withdrawal ?? { rule: "constant_real" };
  if (rule !== "constant_real" && rule !== "percent") {
    add("withdrawal.rule", 'only "constant_real" and "percent" are simulated');
  }
  if (plan.allocation.rebalance === "never" && (plan.allocation.glidePath ?? []).length > 0) {
    add("allocation.glidePath", 'cannot be followed while rebalance is "never"');
  }
  const wanted = plan.assumptions?.engineVersion;
  if (wanted !== undefined && wanted !== engineVersion) {
    add("assumptions.engineVersion", `this engine is ${engineVersion}`);
  }
  return issues;
}
