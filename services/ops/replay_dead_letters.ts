import { recordChange } from "../audit/mod.ts";
import { authorise } from "../authorise.ts";
import { asSystem, inTransaction, type Needs } from "../ctx.ts";
import {
  type DeadLetterFilter,
  replayDeadLetters as replay,
  type ReplaySummary,
} from "../jobs/mod.ts";

export type ReplayNeeds = Needs<
  "actor" | "database" | "log" | "newId" | "now" | "origin" | "queue" | "requestId"
>;

/**
 * Replays the oldest of the dead letters that wait and fit the filter, `limit` at most, in one transaction with an audit
 * row for each. Staff only.
 */
export async function replayDeadLetters(
  ctx: ReplayNeeds,
  { limit, ...filter }: DeadLetterFilter & { limit: number },
): Promise<ReplaySummary> {
  authorise(ctx, "jobs:write");
  return await inTransaction(asSystem(ctx, "replay_dead_letters"), async (tx) => {
    const { ids, ...summary } = await replay(tx, filter, limit);
    for (const entityId of ids) {
      await recordChange({ ...tx, actor: ctx.actor }, { action: "dead_letter.replayed", entityId });
    }
    return summary;
  });
}
