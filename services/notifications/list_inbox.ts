import { type Page, type PageInput, pageOf, placeOfId } from "../../lib/page.ts";
import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { InboxItem } from "./schema.ts";
import { type InboxFilter, selectInbox } from "./store.ts";
import { toInboxItem } from "./view.ts";

/** The caller's inbox, latest first. */
export async function listInbox(
  ctx: Needs<"actor" | "database" | "log">,
  { filter, cursor, limit }: PageInput & { filter: InboxFilter },
): Promise<Page<InboxItem>> {
  const { userId } = authorise(ctx, "inbox:read");
  const beforeId = placeOfId(cursor);
  const rows = await inTransaction(
    ctx,
    ({ sql }) => selectInbox(sql, userId, filter, beforeId, limit + 1),
  );
  return pageOf(rows, limit, toInboxItem, ({ id }) => id);
}
