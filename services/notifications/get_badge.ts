import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { countUnread } from "./store.ts";

/** How many messages in the caller's inbox are unread. */
export async function getBadge(
  ctx: Needs<"actor" | "database" | "log">,
): Promise<{ unread: number }> {
  const { userId } = authorise(ctx, "inbox:read");
  return { unread: await inTransaction(ctx, ({ sql }) => countUnread(sql, userId)) };
}
