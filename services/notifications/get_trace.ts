import { inTransaction, type Needs } from "../ctx.ts";
import { loadNotification } from "./load_notification.ts";
import type { Trace } from "./schema.ts";
import { selectEvents } from "./store.ts";
import { toNotification, toTraceStep } from "./view.ts";

/** Why a message went where it went, or why it did not. One's own; anyone's for staff. */
export async function getTrace(
  ctx: Needs<"actor" | "database" | "log">,
  id: string,
): Promise<Trace> {
  return await inTransaction(ctx, async (tx) => {
    const notification = toNotification(await loadNotification(tx, id));
    const steps = (await selectEvents(tx.sql, id)).map(toTraceStep);
    return { notification, steps };
  });
}
