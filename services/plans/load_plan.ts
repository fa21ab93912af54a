import { fail } from "../../lib/errors.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { Plan } from "./documents.ts";
import { selectPlan } from "./store.ts";
import { toPlan } from "./view.ts";

/** A person's plan from the database; `not_found` where it is not theirs. */
export async function loadPlan(
  ctx: Needs<"actor" | "database" | "log">,
  userId: string,
  id: string,
): Promise<Plan> {
  const row = await inTransaction(ctx, ({ sql }) => selectPlan(sql, userId, id));
  return row ? toPlan(row) : fail("not_found");
}
