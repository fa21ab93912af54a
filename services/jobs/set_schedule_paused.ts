import { fail } from "../../lib/errors.ts";
import { authoriseSystem } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { type Schedule, toSchedule } from "./list_schedules.ts";
import { selectSchedules, setPaused } from "./store/schedules.ts";

/**
 * Stops the clock from starting a job, or lets it go on; runs that have started are not touched. `not_found`.
 *
 * @returns the schedule as it is now, and whether that is new
 */
export async function setSchedulePaused(
  ctx: Needs<"actor" | "database" | "log" | "now">,
  job: string,
  paused: boolean,
): Promise<{ schedule: Schedule; changed: boolean }> {
  authoriseSystem(ctx);
  return await inTransaction(ctx, async ({ sql }) => {
    const { changed } = await setPaused(sql, job, paused, ctx.now()) ?? fail("not_found");
    const rows = await selectSchedules(sql);
    const row = rows.find((one) => one.job === job) ?? fail("not_found");
    return { schedule: toSchedule(row), changed };
  });
}
