import { fail } from "../../lib/errors.ts";
import { authorise } from "../authorise.ts";
import { recordChange } from "../audit/mod.ts";
import { asSystem, inTransaction, type Needs } from "../ctx.ts";
import type { ErrorGroup } from "./schema.ts";
import { selectGroup, setGroupState } from "./store.ts";
import { toErrorGroup } from "./view.ts";

export type ChangeNeeds = Needs<
  "actor" | "database" | "log" | "newId" | "now" | "origin" | "requestId"
>;

/**
 * Puts a group of errors into a state, and answers it. To ask for the state that it is in changes nothing and leaves
 * no audit row. Staff only; `not_found`.
 */
export async function changeErrorState(
  ctx: ChangeNeeds,
  id: string,
  state: ErrorGroup["state"],
): Promise<ErrorGroup> {
  const { userId } = authorise(ctx, "ops:write");
  const resolved = state === "resolved" ? { atMs: ctx.now(), by: userId } : null;
  return await inTransaction(asSystem(ctx, "change_error_state"), async (tx) => {
    const changed = await setGroupState(tx.sql, id, resolved);
    if (changed === undefined) {
      return toErrorGroup(await selectGroup(tx.sql, id) ?? fail("not_found"));
    }
    const action = resolved ? "error_group.resolved" : "error_group.reopened";
    // The transaction is the system's, since no request reaches this table; the deed is the person's.
    await recordChange({ ...tx, actor: ctx.actor }, { action, entityId: id, fields: ["state"] });
    return toErrorGroup(changed);
  });
}
