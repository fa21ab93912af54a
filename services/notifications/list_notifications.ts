import { type Page, type PageInput, pageOf, placeOfId } from "../../lib/page.ts";
import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { Notification } from "./schema.ts";
import { selectNotifications } from "./store.ts";
import { toNotification } from "./view.ts";

export interface NotificationQuery extends PageInput {
  status?: string;
  type?: string;
  channel?: string;
  requestId?: string;
}

/** Messages, latest first: one's own, and anyone's for staff. */
export async function listNotifications(
  ctx: Needs<"actor" | "database" | "log">,
  { cursor, limit, ...filter }: NotificationQuery,
): Promise<Page<Notification>> {
  const person = authorise(ctx, "notifications:read");
  const userId = person.permissions.has("people:read") ? undefined : person.userId;
  const beforeId = placeOfId(cursor);
  const rows = await inTransaction(
    ctx,
    ({ sql }) => selectNotifications(sql, { ...filter, userId, beforeId, rowsMax: limit + 1 }),
  );
  return pageOf(rows, limit, toNotification, ({ id }) => id);
}
