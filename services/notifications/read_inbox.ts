import { authorise } from "../authorise.ts";
import { noteChange } from "../changes/mod.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { InboxSelection } from "./schema.ts";
import { setRead } from "./store.ts";

/** Marks messages in the caller's inbox as read. Doing it twice is doing it once. */
export async function readInbox(
  ctx: Needs<"actor" | "database" | "log" | "now">,
  selection: InboxSelection,
): Promise<{ changed: number }> {
  const { userId } = authorise(ctx, "inbox:write");
  return await inTransaction(ctx, async (tx) => {
    const ids = await setRead(tx.sql, userId, selection, ctx.now());
    for (const id of ids) {
      noteChange(tx, { userId, kind: "inbox_item", id, operation: "changed" });
    }
    return { changed: ids.length };
  });
}
