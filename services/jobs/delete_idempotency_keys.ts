import { authoriseSystem } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { keepAnswersMs } from "./find_answer.ts";
import { deleteAnswersBefore } from "./store/idempotency_keys.ts";

const batchMax = 2_000;
const batchesMax = 500;

/**
 * Forgets keys whose day is over, in batches that each commit by themselves, so that nothing is held up however many
 * there are. What is left after a million is for the next run.
 *
 * @returns how many keys were forgotten
 */
export async function deleteIdempotencyKeys(
  ctx: Needs<"actor" | "database" | "log" | "now" | "signal">,
): Promise<number> {
  authoriseSystem(ctx);
  const before = ctx.now() - keepAnswersMs;
  let deleted = 0;
  for (let batch = 0; batch < batchesMax && !ctx.signal.aborted; batch++) {
    const count = await inTransaction(ctx, ({ sql }) => deleteAnswersBefore(sql, before, batchMax));
    deleted += count;
    if (count < batchMax) break;
  }
  return deleted;
}
