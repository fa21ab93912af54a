import { fail } from "../../lib/errors.ts";
import { recordChange } from "../audit/mod.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { announceRevoked } from "./revoke.ts";
import { revokeSessionsOf } from "./store.ts";

type LogOutNeeds = Needs<
  "actor" | "database" | "keys" | "log" | "newId" | "now" | "origin" | "queue" | "requestId"
>;

/** Ends every session of the person who asks, the asking one included. */
export async function logOutEverywhere(ctx: LogOutNeeds): Promise<void> {
  const { actor } = ctx;
  if (actor.kind !== "person") return fail("not_signed_in");
  const { userId } = actor;
  await inTransaction(ctx, async (tx) => {
    const ended = await revokeSessionsOf(tx.sql, userId, "logged_out_everywhere", ctx.now());
    for (const entityId of ended) {
      await recordChange(tx, { action: "session.ended", subjectId: userId, entityId });
    }
    await announceRevoked(tx, ended);
  });
}
