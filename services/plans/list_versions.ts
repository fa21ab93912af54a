import { fail } from "../../lib/errors.ts";
import { type Page, type PageInput, pageOf, placeOfNumber } from "../../lib/page.ts";
import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { PlanVersion } from "./documents.ts";
import { selectPlan, selectPlanVersions } from "./store.ts";
import { toPlanVersion } from "./view.ts";

/** Every version of a plan, latest first. */
export async function listVersions(
  ctx: Needs<"actor" | "database" | "log">,
  id: string,
  { cursor, limit }: PageInput,
): Promise<Page<PlanVersion>> {
  const { userId } = authorise(ctx, "plans:read");
  return await inTransaction(ctx, async ({ sql }) => {
    const plan = await selectPlan(sql, userId, id) ?? fail("not_found");
    const before = placeOfNumber(cursor) ?? plan.version + 1;
    const rows = await selectPlanVersions(sql, plan.id, before, limit + 1);
    return pageOf(rows, limit, toPlanVersion, ({ number }) => number);
  });
}
