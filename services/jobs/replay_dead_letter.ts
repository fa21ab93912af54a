import { fail } from "../../lib/errors.ts";
import { authoriseSystem } from "../authorise.ts";
import { inTransaction } from "../ctx.ts";
import { replayLetter, type ReplayNeeds } from "./replay_letter.ts";
import type { DeadLetter } from "./schema.ts";
import { lockDeadLetter, selectDeadLetter } from "./store/dead_letters.ts";
import { viewDeadLetter } from "./view_dead_letter.ts";

/**
 * Replays one letter; replaying it again is replaying it once, and what is settled stays so. `not_found`.
 *
 * @returns the letter as it is now, and whether that is new
 */
export async function replayDeadLetter(
  ctx: ReplayNeeds,
  id: string,
): Promise<{ letter: DeadLetter; changed: boolean }> {
  authoriseSystem(ctx);
  return await inTransaction(ctx, async (tx) => {
    const row = await lockDeadLetter(tx.sql, id) ?? fail("not_found");
    if (row.state !== "waiting") return { letter: viewDeadLetter(row), changed: false };
    await replayLetter(tx, row);
    const now = await selectDeadLetter(tx.sql, id) ?? fail("not_found");
    return { letter: viewDeadLetter(now), changed: true };
  });
}
