import { type Page, pageOf } from "../../lib/page.ts";
import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { Plan } from "./documents.ts";
import { selectPlans } from "./store.ts";
import { toPlan } from "./view.ts";

/** The caller's plans, latest first. */
export async function listPlans(
  ctx: Needs<"actor" | "database" | "log">,
  { cursor, limit }: { cursor?: string; limit: number },
): Promise<Page<Plan>> {
  const { userId } = authorise(ctx, "plans:read");
  const rows = await inTransaction(
    ctx,
    ({ sql }) => selectPlans(sql, userId, cursor ?? null, limit + 1),
  );
  return pageOf(rows, limit, toPlan, ({ id }) => id);
}
