import { createGatherer } from "../../lib/gather.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { loadRecipient, type Recipient } from "./load_recipient.ts";

/** Loads recipients for many senders at once: those that are asked for together share a transaction. */
export function openRecipients(
  ctx: Needs<"actor" | "database" | "log">,
): (userId: string) => Promise<Recipient> {
  return createGatherer((userIds) =>
    inTransaction(ctx, (tx) => {
      // Sent together and answered in turn: a round trip each is most of what loading costs.
      return Promise.allSettled(userIds.map((userId) => loadRecipient(tx, userId)));
    })
  );
}
