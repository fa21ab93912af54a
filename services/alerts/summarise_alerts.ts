import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { AlertSummary } from "./schema.ts";
import { countActive, selectLastFired } from "./store.ts";
import { toAlert } from "./view.ts";

/** How many of the caller's alerts are active, and the `firedMax` that fired last. */
export async function summariseAlerts(
  ctx: Needs<"actor" | "database" | "log" | "now">,
  firedMax: number,
): Promise<AlertSummary> {
  const { userId } = authorise(ctx, "alerts:read");
  return await inTransaction(ctx, async ({ sql }) => {
    const [active, fired] = await Promise.all([
      countActive(sql, userId, new Date(ctx.now())),
      selectLastFired(sql, userId, firedMax),
    ]);
    return { active, lastFired: fired.map(toAlert) };
  });
}
