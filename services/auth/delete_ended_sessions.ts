import { dayMs } from "../../lib/time.ts";
import { authoriseSystem } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { deleteAttemptsBefore, deleteSessionsEndedBefore } from "./store.ts";

// Long enough for a person to see in the list of sessions what has ended, and for reuse of a token to be told apart.
const keepMs = 30 * dayMs;

/**
 * Forgets sessions that expired or were ended a month ago, and tries to sign in that have long ceased to count. What
 * happened stays in the audit log.
 */
export async function deleteEndedSessions(
  ctx: Needs<"actor" | "database" | "log" | "now">,
): Promise<number> {
  authoriseSystem(ctx);
  const before = ctx.now() - keepMs;
  return await inTransaction(ctx, async ({ sql }) => {
    await deleteAttemptsBefore(sql, ctx.now() - dayMs);
    return await deleteSessionsEndedBefore(sql, before);
  });
}
