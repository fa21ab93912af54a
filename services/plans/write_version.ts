import { fail } from "../../lib/errors.ts";
import { recordChange } from "../audit/mod.ts";
import { authorise } from "../authorise.ts";
import { noteChange } from "../changes/mod.ts";
import { type InTransaction, inTransaction } from "../ctx.ts";
import { changedPrivateDocument } from "../private_document.ts";
import { canonical, type PlanNeeds } from "./create_plan.ts";
import { planKey } from "./get_plan.ts";
import type { Plan } from "./documents.ts";
import type { PlanInputs } from "./schema.ts";
import { insertPlanVersion, lockPlan, type PlanRow, selectPlan, setPlanVersion } from "./store.ts";
import { toPlan } from "./view.ts";

/**
 * Writes the next version of a plan as `decide` makes it from the present one; nothing is overwritten. 412 where the
 * plan is not at `expected` any more; undefined is any version.
 */
export async function writeVersion(
  ctx: PlanNeeds,
  id: string,
  expected: number | undefined,
  decide: (present: PlanRow, tx: InTransaction) => PlanInputs | Promise<PlanInputs>,
): Promise<Plan> {
  const { userId } = authorise(ctx, "plans:write");
  return await inTransaction(ctx, async (tx) => {
    await lockPlan(tx.sql, userId, id);
    const present = await selectPlan(tx.sql, userId, id) ?? fail("not_found");
    if (expected !== undefined && expected !== present.version) {
      fail("version_mismatch", { etag: `"${present.version}"` });
    }
    const inputs = await decide(present, tx);
    const version = present.version + 1;
    const now = new Date(ctx.now());
    await insertPlanVersion(tx.sql, {
      planId: id,
      number: version,
      userId,
      inputs,
      now,
      createdBy: userId,
    });
    await setPlanVersion(tx.sql, id, { name: inputs.name, version, now });
    const fields = changedFields(present.inputs, inputs);
    await recordChange(tx, { action: "plan.changed", subjectId: userId, entityId: id, fields });
    noteChange(tx, { userId, kind: "plan", id, operation: "changed", version });
    changedPrivateDocument(tx, planKey(userId, id));
    return toPlan({ ...present, name: inputs.name, version, inputs, updated_at: now });
  });
}

function changedFields(before: PlanInputs, after: PlanInputs): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof PlanInputs>;
  return [...names].filter((name) => canonical(before[name]) !== canonical(after[name]));
}
