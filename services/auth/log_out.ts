import { fail } from "../../lib/errors.ts";
import { recordChange } from "../audit/mod.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { announceRevoked } from "./revoke.ts";
import { revokeSession } from "./store.ts";

type LogOutNeeds = Needs<
  "actor" | "database" | "keys" | "log" | "newId" | "now" | "origin" | "queue" | "requestId"
>;

/** Ends the session that asks. A second time changes nothing. */
export async function logOut(ctx: LogOutNeeds): Promise<void> {
  const { actor } = ctx;
  if (actor.kind !== "person") return fail("not_signed_in");
  const { sessionId, userId } = actor;
  await inTransaction(ctx, async (tx) => {
    if (!await revokeSession(tx.sql, sessionId, "logged_out", ctx.now())) return;
    await recordChange(tx, { action: "session.ended", subjectId: userId, entityId: sessionId });
    await announceRevoked(tx, [sessionId]);
  });
}
