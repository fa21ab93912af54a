import { recordChange } from "../audit/mod.ts";
import { authoriseSignedIn } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { announceRevoked } from "./revoke.ts";
import { revokeSessionsOf } from "./store.ts";

type LogOutNeeds = Needs<
  "actor" | "database" | "keys" | "log" | "newId" | "now" | "origin" | "queue" | "requestId"
>;

/** Ends every session of the person who asks, the asking one included. */
export async function logOutEverywhere(ctx: LogOutNeeds): Promise<void> {
  const { userId } = authoriseSignedIn(ctx);
  await inTransaction(ctx, async (tx) => {
    const ended = await revokeSessionsOf(tx.sql, userId, "logged_out_everywhere", ctx.now());
    for (const entityId of ended) {
      await recordChange(tx, { action: "session.ended", subjectId: userId, entityId });
    }
    await announceRevoked(tx, ended);
  });
}
