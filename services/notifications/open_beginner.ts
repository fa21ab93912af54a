import { createGatherer } from "../../lib/gather.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { beginSending, type ClaimedNotification } from "./store/claims.ts";

/** Notes for many senders at once that their messages are handed to a vendor now; answers whether each may be. */
export function openBeginner(
  ctx: Needs<"actor" | "database" | "log">,
): (claimed: ClaimedNotification) => Promise<boolean> {
  return createGatherer(async (claimed) => {
    const ours = await inTransaction(ctx, ({ sql }) => beginSending(sql, claimed));
    return claimed.map(({ id }) => ({ status: "fulfilled", value: ours.has(id) }));
  });
}
