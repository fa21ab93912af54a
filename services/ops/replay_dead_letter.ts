import { recordChange } from "../audit/mod.ts";
import { authorise } from "../authorise.ts";
import { asSystem, inTransaction } from "../ctx.ts";
import { type DeadLetter, replayDeadLetter as replay } from "../jobs/mod.ts";
import type { ReplayNeeds } from "./replay_dead_letters.ts";

/**
 * Asks once more for the work of a message that was given up, as a new version. To replay what is replayed already
 * changes nothing and leaves no audit row. Staff only; `not_found`.
 */
export async function replayDeadLetter(ctx: ReplayNeeds, id: string): Promise<DeadLetter> {
  authorise(ctx, "jobs:write");
  return await inTransaction(asSystem(ctx, "replay_dead_letter"), async (tx) => {
    const { letter, changed } = await replay(tx, id);
    const deed = { action: "dead_letter.replayed", entityId: id };
    if (changed) await recordChange({ ...tx, actor: ctx.actor }, deed);
    return letter;
  });
}
