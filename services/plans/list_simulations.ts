import { fail } from "../../lib/errors.ts";
import { type Page, type PageInput, pageOf, placeOfId } from "../../lib/page.ts";
import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { Simulation } from "./schema.ts";
import { selectPlan, selectSimulations } from "./store.ts";
import { toSimulation } from "./view.ts";

/** The simulations of a plan, latest first. */
export async function listSimulations(
  ctx: Needs<"actor" | "database" | "log">,
  planId: string,
  { cursor, limit }: PageInput,
): Promise<Page<Simulation>> {
  const { userId } = authorise(ctx, "plans:read");
  return await inTransaction(ctx, async ({ sql }) => {
    const plan = await selectPlan(sql, userId, planId) ?? fail("not_found");
    const rows = await selectSimulations(sql, plan.id, placeOfId(cursor), limit + 1);
    return pageOf(rows, limit, toSimulation, ({ id }) => id);
  });
}
