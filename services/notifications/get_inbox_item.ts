import { fail } from "../../lib/errors.ts";
import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { InboxItem } from "./schema.ts";
import { selectInboxItem } from "./store.ts";
import { toInboxItem } from "./view.ts";

/** One message of the caller's inbox, put away or not. */
export async function getInboxItem(
  ctx: Needs<"actor" | "database" | "log">,
  id: string,
): Promise<InboxItem> {
  const { userId } = authorise(ctx, "inbox:read");
  const row = await inTransaction(ctx, ({ sql }) => selectInboxItem(sql, userId, id));
  return toInboxItem(row ?? fail("not_found"));
}
