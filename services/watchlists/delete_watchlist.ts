import { fail } from "../../lib/errors.ts";
import { recordChange } from "../audit/mod.ts";
import { authorise } from "../authorise.ts";
import { noteChange } from "../changes/mod.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { refuseOtherVersion } from "./change_watchlist.ts";
import { deleteWatchlist as deleteRow, selectWatchlistForUpdate } from "./store.ts";

/** Takes a watchlist away, at version `expected` where one is given. */
export async function deleteWatchlist(
  ctx: Needs<"actor" | "database" | "log" | "newId" | "now" | "origin" | "requestId">,
  id: string,
  expected: number | undefined,
): Promise<void> {
  const { userId } = authorise(ctx, "watchlists:write");
  await inTransaction(ctx, async (tx) => {
    const row = await selectWatchlistForUpdate(tx.sql, userId, id) ?? fail("not_found");
    refuseOtherVersion(row, expected);
    await deleteRow(tx.sql, id);
    await recordChange(tx, { action: "watchlist.deleted", subjectId: userId, entityId: id });
    noteChange(tx, { userId, kind: "watchlist", id, operation: "deleted" });
  });
}
