import { dayMs } from "../../lib/time.ts";
import { authoriseSystem } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { deleteEventsBefore, deleteResolvedUnseenSince } from "./store.ts";

const keepEventsMs = 90 * dayMs;
// Half a year: long enough to be recognised should it come back with the next release of something.
const keepResolvedMs = 180 * dayMs;

/** Forgets events of three months ago, and errors that were resolved and not seen for half a year. Open ones stay. */
export async function deleteOldNotes(
  ctx: Needs<"actor" | "database" | "log" | "now">,
): Promise<{ events: number; errors: number }> {
  authoriseSystem(ctx);
  return await inTransaction(ctx, async ({ sql }) => ({
    events: await deleteEventsBefore(sql, ctx.now() - keepEventsMs),
    errors: await deleteResolvedUnseenSince(sql, ctx.now() - keepResolvedMs),
  }));
}
