import { fail } from "../../lib/errors.ts";
import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { PlanVersion } from "./documents.ts";
import { selectPlanVersion } from "./store.ts";
import { toPlanVersion } from "./view.ts";

/** A plan as it was at one version. */
export async function getVersion(
  ctx: Needs<"actor" | "database" | "log">,
  id: string,
  number: number,
): Promise<PlanVersion> {
  const { userId } = authorise(ctx, "plans:read");
  const row = await inTransaction(ctx, ({ sql }) => selectPlanVersion(sql, userId, id, number));
  return toPlanVersion(row ?? fail("not_found"));
}
