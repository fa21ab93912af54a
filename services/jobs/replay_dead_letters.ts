import { authoriseSystem } from "../authorise.ts";
import { inTransaction } from "../ctx.ts";
import { letterFilter } from "./letter_filter.ts";
import { replayLetter, type ReplayNeeds } from "./replay_letter.ts";
import type { DeadLetterFilter, ReplaySummary } from "./schema.ts";
import { countWaitingLetters, lockWaitingLetters } from "./store/dead_letters.ts";

/**
 * Replays the oldest letters that wait and fit the filter, `limit` at most, all of them or none.
 *
 * @returns their ids, and how many that fit still wait
 */
export async function replayDeadLetters(
  ctx: ReplayNeeds,
  filter: DeadLetterFilter,
  limit: number,
): Promise<ReplaySummary & { ids: string[] }> {
  authoriseSystem(ctx);
  return await inTransaction(ctx, async (tx) => {
    const fitting = letterFilter(filter);
    const letters = await lockWaitingLetters(tx.sql, fitting, limit);
    for (const letter of letters) await replayLetter(tx, letter);
    const ids = letters.map(({ id }) => id);
    return { replayed: ids.length, waiting: await countWaitingLetters(tx.sql, fitting), ids };
  });
}
