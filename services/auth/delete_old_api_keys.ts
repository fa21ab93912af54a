import { dayMs } from "../../lib/time.ts";
import { authoriseSystem } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { deleteApiKeysEndedBefore } from "./store.ts";

// Long enough for a person who wonders which program has stopped to find its key in the list.
const keepMs = 90 * dayMs;

/** Forgets API keys that expired or were revoked three months ago. Who made and revoked them stays in the audit log. */
export async function deleteOldApiKeys(
  ctx: Needs<"actor" | "database" | "log" | "now">,
): Promise<number> {
  authoriseSystem(ctx);
  const before = ctx.now() - keepMs;
  return await inTransaction(ctx, ({ sql }) => deleteApiKeysEndedBefore(sql, before));
}
