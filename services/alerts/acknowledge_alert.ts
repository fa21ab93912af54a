import { fail } from "../../lib/errors.ts";
import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { acknowledgeEvents, selectAlert } from "./store.ts";

/** Notes that the caller has seen what an alert told. Doing it twice is doing it once. */
export async function acknowledgeAlert(
  ctx: Needs<"actor" | "database" | "log" | "now">,
  id: string,
): Promise<{ acknowledged: number }> {
  const { userId } = authorise(ctx, "alerts:write");
  return await inTransaction(ctx, async ({ sql }) => {
    const alert = await selectAlert(sql, userId, id) ?? fail("not_found");
    return { acknowledged: await acknowledgeEvents(sql, alert.id, new Date(ctx.now())) };
  });
}
