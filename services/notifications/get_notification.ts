import type { Needs } from "../ctx.ts";
import { loadNotification } from "./load_notification.ts";
import type { Notification } from "./schema.ts";
import { toNotification } from "./view.ts";

/** One message over one channel. One's own; anyone's for staff. */
export async function getNotification(
  ctx: Needs<"actor" | "database" | "log">,
  id: string,
): Promise<Notification> {
  return toNotification(await loadNotification(ctx, id));
}
