import { fail } from "../../lib/errors.ts";
import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { type NotificationRow, selectNotification } from "./store.ts";

/** A message that the caller may see: their own, anyone's for staff. `not_found` for every other one. */
export async function loadNotification(
  ctx: Needs<"actor" | "database" | "log">,
  id: string,
): Promise<NotificationRow> {
  const person = authorise(ctx, "notifications:read");
  const row = await inTransaction(ctx, ({ sql }) => selectNotification(sql, id));
  const visible = row?.user_id === person.userId || person.permissions.has("people:read");
  return row && visible ? row : fail("not_found");
}
