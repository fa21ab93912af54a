import { refuseCursor } from "../../lib/cursor.ts";
import { type Page, type PageInput, pageOf } from "../../lib/page.ts";
import { toInstant } from "../../lib/time.ts";
import { authorise } from "../authorise.ts";
import { asSystem, inTransaction, type Needs } from "../ctx.ts";
import { type JobRunView, type RunPlace, selectRuns } from "./store/runs.ts";

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
  /** How far it is, where it tells. */
  progress: { done: number; total: number | null } | null;
  /** The request that it goes back to. */
  requestId: string | null;
}

/** Runs of jobs, latest first. Staff only; `invalid_request` for a cursor that is none of ours. */
export async function listJobRuns(
  ctx: Needs<"actor" | "database" | "log">,
  filter: PageInput & { name?: string; key?: string; state?: string; before?: string },
): Promise<Page<JobRun>> {
  authorise(ctx, "jobs:read");
  const after = filter.cursor === undefined ? undefined : placeOf(filter.cursor);
  const system = asSystem(ctx, "list_job_runs");
  const rows = await inTransaction(system, ({ sql }) =>
    selectRuns(sql, {
      job: filter.name ?? null,
      key: filter.key ?? null,
      state: filter.state ?? null,
      before: filter.before ? new Date(filter.before) : null,
      after,
      rowsMax: filter.limit + 1,
    }));
  return pageOf(rows, filter.limit, toJobRun, cursorOf);
}

export function toJobRun(row: JobRunView): JobRun {
  return {
    job: row.job,
    key: row.key,
    version: Number(row.version),
    state: row.state,
    attempts: row.attempts,
    startedAt: toInstant(row.started_at),
    finishedAt: row.finished_at && toInstant(row.finished_at),
    durationMs: row.duration_ms,
    errorCode: row.error_code,
    progress: row.progress_done === null
      ? null
      : { done: row.progress_done, total: row.progress_total },
    requestId: row.request_id,
  };
}

function cursorOf({ started_at, job, key, version }: JobRunView): string {
  return [started_at.getTime(), job, key, version].join("~");
}

/** None of the parts holds a tilde. A moment of more digits would be of a year that Postgres does not read. */
function placeOf(cursor: string): RunPlace {
  const match = /^(\d{1,13})~([a-z0-9_]+)~([A-Za-z0-9_-]+)~(\d{1,18})$/.exec(cursor);
  const [, startedMs, job = "", key = "", version = ""] = match ?? refuseCursor();
  return { startedAt: new Date(Number(startedMs)), job, key, version };
}
