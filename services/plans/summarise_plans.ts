import { type Page, pageOf } from "../../lib/page.ts";
import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { PlanSummary } from "./documents.ts";
import { selectPlanSummaries } from "./store.ts";
import { toPlanSummary } from "./view.ts";

/** The caller's latest plans, each with what its latest successful simulation came to; the cursor is that of listPlans(). */
export async function summarisePlans(
  ctx: Needs<"actor" | "database" | "log">,
  limit: number,
): Promise<Page<PlanSummary>> {
  const { userId } = authorise(ctx, "plans:read");
  const rows = await inTransaction(ctx, ({ sql }) => selectPlanSummaries(sql, userId, limit + 1));
  return pageOf(rows, limit, toPlanSummary, ({ id }) => id);
}
