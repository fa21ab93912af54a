import { authorise } from "../authorise.ts";
import { asSystem, inTransaction, type Needs } from "../ctx.ts";
import { type JobRun, toJobRun } from "./list_job_runs.ts";
import { selectRuns } from "./store/runs.ts";

const runsMax = 100;

/** The runs that are at work now, latest first, a hundred at most: what a live view begins with. Staff only. */
export async function listRunningJobs(
  ctx: Needs<"actor" | "database" | "log">,
): Promise<JobRun[]> {
  authorise(ctx, "jobs:read");
  const rows = await inTransaction(
    asSystem(ctx, "list_running_jobs"),
    ({ sql }) =>
      selectRuns(sql, {
        job: null,
        key: null,
        state: "running",
        before: null,
        after: undefined,
        rowsMax: runsMax,
      }),
  );
  return rows.map(toJobRun);
}
