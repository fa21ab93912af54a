import { toInstant } from "../../lib/time.ts";
import { authorise } from "../authorise.ts";
import { asSystem, inTransaction, type Needs } from "../ctx.ts";
import { selectRuns } from "./store.ts";

export interface JobRun {
  job: string;
  key: string;
  version: number;
  state: string;
  attempts: number;
  startedAt: string;
  finishedAt: string | null;
  durationMs: number | null;
  errorCode: string | null;
}

/** Runs of jobs, latest first. Staff only. */
export async function listJobRuns(
  ctx: Needs<"actor" | "database" | "log">,
  filter: { name?: string; state?: string; before?: string; limit: number },
): Promise<JobRun[]> {
  authorise(ctx, "jobs:read");
  const system = asSystem(ctx, "list_job_runs");
  const rows = await inTransaction(system, ({ sql }) =>
    selectRuns(sql, {
      job: filter.name ?? null,
      state: filter.state ?? null,
      before: filter.before ? new Date(filter.before) : null,
      rowsMax: filter.limit,
    }));
  return rows.map((row) => ({
    job: row.job,
    key: row.key,
    version: Number(row.version),
    state: row.state,
    attempts: row.attempts,
    startedAt: toInstant(row.started_at),
    finishedAt: row.finished_at && toInstant(row.finished_at),
    durationMs: row.duration_ms,
    errorCode: row.error_code,
  }));
}
