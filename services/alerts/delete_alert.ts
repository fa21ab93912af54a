import { fail } from "../../lib/errors.ts";
import { recordChange } from "../audit/mod.ts";
import { authorise } from "../authorise.ts";
import { noteChange } from "../changes/mod.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { refuseOtherVersion } from "./change_alert.ts";
import { deleteAlert as deleteRow, selectAlertForUpdate } from "./store.ts";

/** Takes an alert away, with its history. */
export async function deleteAlert(
  ctx: Needs<"actor" | "database" | "log" | "newId" | "now" | "origin" | "requestId">,
  id: string,
  expected: number | undefined,
): Promise<void> {
  const { userId } = authorise(ctx, "alerts:write");
  await inTransaction(ctx, async (tx) => {
    const row = await selectAlertForUpdate(tx.sql, userId, id) ?? fail("not_found");
    refuseOtherVersion(row, expected);
    await deleteRow(tx.sql, id);
    await recordChange(tx, { action: "alert.deleted", subjectId: userId, entityId: id });
    noteChange(tx, { userId, kind: "alert", id, operation: "deleted" });
  });
}
