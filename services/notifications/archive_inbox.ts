import { authorise } from "../authorise.ts";
import { noteChange } from "../changes/mod.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { InboxSelection } from "./schema.ts";
import { setArchived } from "./store.ts";

/** Moves messages out of the caller's inbox. Doing it twice is doing it once. */
export async function archiveInbox(
  ctx: Needs<"actor" | "database" | "log" | "now">,
  selection: InboxSelection,
): Promise<{ changed: number }> {
  const { userId } = authorise(ctx, "inbox:write");
  return await inTransaction(ctx, async (tx) => {
    const ids = await setArchived(tx.sql, userId, selection, ctx.now());
    for (const id of ids) {
      noteChange(tx, { userId, kind: "inbox_item", id, operation: "changed" });
    }
    return { changed: ids.length };
  });
}
