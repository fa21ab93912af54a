import type { Sql } from "../../../lib/database.ts";
import type { EpochMs } from "../../../lib/time.ts";
import type { Delivery, JobProgress, RunName } from "../schema.ts";

/** False where another delivery of the same run holds it now. The lock ends with the transaction. */
export async function tryLockRun(sql: Sql, { job, key, version }: RunName): Promise<boolean> {
  const [row] = await sql<{ locked: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtextextended(${`${job}/${key}/${version}`}, 0)) as locked`;
  return row?.locked ?? false;
}

/**
 * Takes the run for as long as the lease lasts. Undefined where it is over already or somebody's lease still runs. Each
 * holder gets a higher fence; what is written under an old fence is refused.
 */
export async function leaseRun(
  sql: Sql,
  delivery: Delivery,
  requestId: string,
  nowMs: EpochMs,
  leaseMs: number,
): Promise<number | undefined> {
  const { job, key, version, messageId } = delivery;
  const now = new Date(nowMs);
  const [row] = await sql<{ fence: string }[]>`
    insert into job_runs (job, key, version, state, message_id, request_id, started_at, lease_until)
    values (${job}, ${key}, ${version}, 'running', ${messageId}, ${requestId}, ${now},
            ${new Date(nowMs + leaseMs)})
    on conflict (job, key, version) do update
      set state = 'running', attempts = job_runs.attempts + 1, fence = job_runs.fence + 1,
          message_id = excluded.message_id, request_id = excluded.request_id, error_code = null,
          started_at = excluded.started_at, lease_until = excluded.lease_until,
          progress_done = null, progress_total = null
      where job_runs.state = 'failed' or (job_runs.state = 'running' and job_runs.lease_until < ${now})
    returning fence`;
  return row && Number(row.fence);
}

/** Whether a run is over for good: done, given up, or given way to another one. */
export async function isRunOver(sql: Sql, { job, key, version }: RunName): Promise<boolean> {
  const rows = await sql`
    select from job_runs
    where job = ${job} and key = ${key} and version = ${version}
      and state in ('succeeded', 'dead', 'replaced')`;
  return rows.length === 1;
}

/**
 * Writes a run that has been done in this very transaction, and ends its message with it. False where it is over already,
 * which nobody finds who holds its lock and has looked.
 */
export async function insertDoneRun(
  sql: Sql,
  delivery: Delivery,
  requestId: string,
  startedMs: EpochMs,
  nowMs: EpochMs,
): Promise<boolean> {
  const { job, key, version, messageId } = delivery;
  const now = new Date(nowMs);
  const rows = await sql`
    with done as (
      insert into job_runs (job, key, version, state, message_id, request_id, started_at, finished_at, duration_ms)
      values (${job}, ${key}, ${version}, 'succeeded', ${messageId}, ${requestId}, ${new Date(
    startedMs,
  )},
              ${now}, ${nowMs - startedMs})
      on conflict (job, key, version) do update
        set state = 'succeeded', attempts = job_runs.attempts + 1, message_id = excluded.message_id,
            request_id = excluded.request_id, started_at = excluded.started_at,
            finished_at = excluded.finished_at, duration_ms = excluded.duration_ms, error_code = null
        where job_runs.state in ('running', 'failed')
      returning job, key, version
    ), heard as (
      update outbox set ended_at = ${now} from done
      where outbox.job = done.job and outbox.key = done.key and outbox.version = done.version
        and ended_at is null
    )
    select from done`;
  return rows.length === 1;
}

/**
 * Ends a leased run as succeeded, and its message with it; false where the fence is no longer ours, or it was given up
 * meanwhile.
 */
export async function finishRun(
  sql: Sql,
  { job, key, version }: RunName,
  nowMs: EpochMs,
  { fence, progress }: { fence: number; progress?: JobProgress },
): Promise<boolean> {
  const now = new Date(nowMs);
  const rows = await sql`
    with done as (
      update job_runs set state = 'succeeded', finished_at = ${now}, lease_until = null,
             duration_ms = extract(epoch from ${now}::timestamptz - started_at) * 1000,
             progress_done = ${progress?.done ?? null}, progress_total = ${progress?.total ?? null}
      where job = ${job} and key = ${key} and version = ${version} and state = 'running'
        and fence = ${fence}
      returning job, key, version
    ), heard as (
      update outbox set ended_at = ${now} from done
      where outbox.job = done.job and outbox.key = done.key and outbox.version = done.version
        and ended_at is null
    )
    select from done`;
  return rows.length === 1;
}

/**
 * Notes that a try failed; where it was the `last` one that anybody will make, the run is dead, and its message has
 * ended too. A run that is over meanwhile, or that somebody holds under a later fence, stays as it is.
 */
export async function failRun(
  sql: Sql,
  delivery: Delivery,
  requestId: string,
  nowMs: EpochMs,
  { errorCode, fence, last }: { errorCode: string; fence: number | null; last: boolean },
): Promise<void> {
  const { job, key, version, messageId } = delivery;
  const now = new Date(nowMs);
  await sql`
    with failed as (
      insert into job_runs (job, key, version, state, message_id, request_id, started_at, finished_at, error_code)
      values (${job}, ${key}, ${version}, ${
    last ? "dead" : "failed"
  }, ${messageId}, ${requestId}, ${now}, ${now},
              ${errorCode})
      on conflict (job, key, version) do update
        set state = excluded.state, finished_at = excluded.finished_at, lease_until = null,
            error_code = excluded.error_code, attempts = job_runs.attempts
              + case when job_runs.state = 'running' then 0 else 1 end
        where job_runs.state in ('running', 'failed')
          and (job_runs.lease_until is null or job_runs.fence = ${fence}::bigint)
      returning 1
    )
    update outbox set ended_at = ${now}
    where ${last} and job = ${job} and key = ${key} and version = ${version} and ended_at is null
      and exists (select from failed)`;
}

/** Says how far a run is. False where it is somebody else's by now. */
export async function updateProgress(
  sql: Sql,
  { job, key, version }: RunName,
  fence: number,
  { done, total }: JobProgress,
): Promise<boolean> {
  const { count } = await sql`
    update job_runs set progress_done = ${done}, progress_total = ${total}
    where job = ${job} and key = ${key} and version = ${version} and fence = ${fence}
      and state = 'running'`;
  return count === 1;
}

/** Ends a run that is not over as given up, also one that was never begun: nobody does its work any more. */
export async function markRunDead(
  sql: Sql,
  { job, key, version }: RunName,
  nowMs: EpochMs,
): Promise<void> {
  const now = new Date(nowMs);
  await sql`
    insert into job_runs (job, key, version, state, started_at, finished_at)
    values (${job}, ${key}, ${version}, 'dead', ${now}, ${now})
    on conflict (job, key, version) do update
      set state = 'dead', lease_until = null, fence = job_runs.fence + 1,
          finished_at = excluded.finished_at
      where job_runs.state in ('running', 'failed')`;
}

/** The state of a run, and until when somebody holds it; undefined where it was never begun. */
export async function lockRun(
  sql: Sql,
  { job, key, version }: RunName,
): Promise<{ state: string; heldUntilMs: EpochMs } | undefined> {
  const [row] = await sql<{ state: string; lease_until: Date | null }[]>`
    select state, lease_until from job_runs
    where job = ${job} and key = ${key} and version = ${version} for update`;
  if (row === undefined) return undefined;
  const held = row.state === "running" ? row.lease_until?.getTime() : undefined;
  return { state: row.state, heldUntilMs: held ?? 0 };
}

/** Makes a run give way: whatever is still delivered of it does nothing, and whoever holds it settles nothing. */
export async function replaceRun(
  sql: Sql,
  { job, key, version }: RunName,
  nowMs: EpochMs,
): Promise<void> {
  const now = new Date(nowMs);
  await sql`
    insert into job_runs (job, key, version, state, started_at, finished_at)
    values (${job}, ${key}, ${version}, 'replaced', ${now}, ${now})
    on conflict (job, key, version) do update
      set state = 'replaced', fence = job_runs.fence + 1, lease_until = null,
          finished_at = excluded.finished_at`;
}

/**
 * Ends runs of a job whose holder's lease ended before `beforeMs`: it has died. `failed` where the queue comes back to
 * it, `dead` where nobody does.
 */
export async function endAbandonedRuns(
  sql: Sql,
  job: string,
  beforeMs: EpochMs,
  { state, nowMs }: { state: "failed" | "dead"; nowMs: EpochMs },
): Promise<number> {
  const { count } = await sql`
    update job_runs set state = ${state}, finished_at = ${new Date(nowMs)}, lease_until = null,
           error_code = 'abandoned'
    where state = 'running' and lease_until < ${new Date(beforeMs)} and job = ${job}`;
  return count;
}

/** Forgets the oldest of the runs that began before `beforeMs` and are over, some at a time. */
export async function deleteEndedRuns(
  sql: Sql,
  beforeMs: EpochMs,
  rowsMax: number,
): Promise<void> {
  await sql`
    delete from job_runs where ctid = any(array(
      select ctid from job_runs
      where started_at < ${new Date(beforeMs)} and state in ('succeeded', 'dead', 'replaced')
      order by started_at limit ${rowsMax} for update skip locked))`;
}

export interface JobRunView {
  job: string;
  key: string;
  version: string;
  state: string;
  attempts: number;
  started_at: Date;
  finished_at: Date | null;
  duration_ms: number | null;
  error_code: string | null;
  progress_done: number | null;
  progress_total: number | null;
  request_id: string | null;
}

/** Where a run stands in the order of the list. Many may start in one millisecond. */
export interface RunPlace {
  startedAt: Date;
  job: string;
  key: string;
  version: string;
}

export interface RunFilter {
  job: string | null;
  key: string | null;
  state: string | null;
  before: Date | null;
  /** The last run of the page before. */
  after: RunPlace | undefined;
  rowsMax: number;
}

export async function selectRuns(sql: Sql, filter: RunFilter): Promise<JobRunView[]> {
  const { after } = filter;
  return await sql<JobRunView[]>`
    select job, key, version, state, attempts, started_at, finished_at, duration_ms, error_code,
           progress_done, progress_total, request_id
    from job_runs
    where (${filter.job}::text is null or job = ${filter.job})
      and (${filter.key}::text is null or key = ${filter.key})
      and (${filter.state}::text is null or state = ${filter.state})
      and (${filter.before}::timestamptz is null or started_at < ${filter.before})
      and (${after === undefined} or (started_at, job, key, version)
        < (${after?.startedAt ?? null}, ${after?.job ?? null}, ${after?.key ?? null},
           ${after?.version ?? null}::bigint))
    order by started_at desc, job desc, key desc, version desc limit ${filter.rowsMax}`;
}
