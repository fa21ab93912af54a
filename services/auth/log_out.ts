import { recordChange } from "../audit/mod.ts";
import { authoriseSignedIn } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { announceRevoked } from "./revoke.ts";
import { revokeSession } from "./store.ts";

type LogOutNeeds = Needs<
  "actor" | "database" | "keys" | "log" | "newId" | "now" | "origin" | "queue" | "requestId"
>;

/** Ends the session that asks. A second time changes nothing. */
export async function logOut(ctx: LogOutNeeds): Promise<void> {
  const { sessionId, userId } = authoriseSignedIn(ctx);
  await inTransaction(ctx, async (tx) => {
    if (!await revokeSession(tx.sql, sessionId, "logged_out", ctx.now())) return;
    await recordChange(tx, { action: "session.ended", subjectId: userId, entityId: sessionId });
    await announceRevoked(tx, [sessionId]);
  });
}
