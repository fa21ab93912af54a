import { fail } from "../../lib/errors.ts";
import { authoriseSystem } from "../authorise.ts";
import type { Needs } from "../ctx.ts";

/** Tells every process again that sessions have ended, after Redis did not take it. `unavailable` while it still does not. */
export async function announceRevocations(
  ctx: Needs<"actor" | "keys">,
  sessionIds: string[],
): Promise<void> {
  authoriseSystem(ctx);
  if (!await ctx.keys.revocations.announce(sessionIds)) fail("unavailable");
}
