import { fail } from "../../lib/errors.ts";
import { authorise } from "../authorise.ts";
import { noteChange } from "../changes/mod.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { acknowledgeEvents, selectAlert } from "./store.ts";

/** Notes that the caller has seen what an alert told. Doing it twice is doing it once. */
export async function acknowledgeAlert(
  ctx: Needs<"actor" | "database" | "log" | "now">,
  id: string,
): Promise<{ acknowledged: number }> {
  const { userId } = authorise(ctx, "alerts:write");
  return await inTransaction(ctx, async (tx) => {
    const alert = await selectAlert(tx.sql, userId, id) ?? fail("not_found");
    const acknowledged = await acknowledgeEvents(tx.sql, alert.id, new Date(ctx.now()));
    // In its history; the alert itself has no new version.
    if (acknowledged > 0) {
      noteChange(tx, { userId, kind: "alert", id: alert.id, operation: "changed" });
    }
    return { acknowledged };
  });
}
