import { fail } from "../../lib/errors.ts";
import { recordChange } from "../audit/mod.ts";
import { authorise } from "../authorise.ts";
import { noteChange } from "../changes/mod.ts";
import { inTransaction } from "../ctx.ts";
import { changedPrivateDocument } from "../private_document.ts";
import type { PlanNeeds } from "./create_plan.ts";
import { planKey } from "./get_plan.ts";
import { deletePlan as deleteRow, lockPlan, selectPlan, selectSimulationIds } from "./store.ts";

/** Takes a plan away with its versions and simulations. */
export async function deletePlan(
  ctx: PlanNeeds,
  id: string,
  expected: number | undefined,
): Promise<void> {
  const { userId } = authorise(ctx, "plans:write");
  await inTransaction(ctx, async (tx) => {
    await lockPlan(tx.sql, userId, id);
    const plan = await selectPlan(tx.sql, userId, id) ?? fail("not_found");
    if (expected !== undefined && expected !== plan.version) {
      fail("version_mismatch", { etag: `"${plan.version}"` });
    }
    // They go with their plan, and no new one comes while it is locked.
    const simulationIds = await selectSimulationIds(tx.sql, id);
    await deleteRow(tx.sql, id);
    await recordChange(tx, { action: "plan.deleted", subjectId: userId, entityId: id });
    for (const simulationId of simulationIds) {
      noteChange(tx, { userId, kind: "simulation", id: simulationId, operation: "deleted" });
    }
    noteChange(tx, { userId, kind: "plan", id, operation: "deleted" });
    changedPrivateDocument(tx, planKey(userId, id));
  });
}
