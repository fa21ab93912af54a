import { fail } from "../../lib/errors.ts";
import { recordChange } from "../audit/mod.ts";
import { authorise } from "../authorise.ts";
import { noteChange } from "../changes/mod.ts";
import { type InTransaction, inTransaction, type Needs } from "../ctx.ts";
import type { CreatePlanInput, Plan } from "./documents.ts";
import type { PlanInputs } from "./schema.ts";
import { insertPlan, insertPlanVersion, selectPlan, selectPlanVersion } from "./store.ts";
import { toPlan } from "./view.ts";

export type PlanNeeds = Needs<
  "actor" | "database" | "log" | "memory" | "newId" | "now" | "origin" | "redis" | "requestId"
>;

/**
 * Keeps a new plan as its version 1. The same id with the same inputs again answers the plan as it is now, so that a
 * phone may repeat itself; with other inputs it is a conflict.
 */
export async function createPlan(
  ctx: PlanNeeds,
  { id, ...inputs }: CreatePlanInput,
): Promise<Plan> {
  const { userId } = authorise(ctx, "plans:write");
  const planId = id ?? ctx.newId();
  return await inTransaction(ctx, async (tx) => {
    const now = new Date(ctx.now());
    const inserted = await insertPlan(tx.sql, { id: planId, userId, name: inputs.name, now });
    if (!inserted) return await sameOrConflict(tx, userId, planId, inputs);
    await insertPlanVersion(tx.sql, { planId, number: 1, userId, inputs, now, createdBy: userId });
    await recordChange(tx, { action: "plan.created", subjectId: userId, entityId: planId });
    noteChange(tx, { userId, kind: "plan", id: planId, operation: "changed", version: 1 });
    return toPlan({
      id: planId,
      user_id: userId,
      name: inputs.name,
      version: 1,
      inputs,
      created_at: now,
      updated_at: now,
    });
  });
}

async function sameOrConflict(
  { sql }: InTransaction,
  userId: string,
  id: string,
  inputs: PlanInputs,
): Promise<Plan> {
  const stored = await selectPlan(sql, userId, id);
  // A phone may repeat what it made long after the plan was changed elsewhere.
  const first = await selectPlanVersion(sql, userId, id, 1);
  const wanted = canonical(inputs);
  const same = [first, stored].some((known) => known && canonical(known.inputs) === wanted);
  if (stored && same) return toPlan(stored);
  return fail("conflict", { detail: "This id stands for another plan." });
}

/** Text in which the order of fields makes no difference: jsonb does not keep it. */
export function canonical(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, inner) =>
      inner !== null && typeof inner === "object" && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => a < b ? -1 : 1))
        : inner,
  );
}
