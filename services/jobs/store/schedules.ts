import type { Sql } from "../../../lib/database.ts";
import type { EpochMs } from "../../../lib/time.ts";

export interface CodedSchedule {
  job: string;
  /** In words. */
  timing: string;
  catchUp: string;
  nextDueMs: EpochMs;
}

/**
 * Brings the table in line with the code: a new schedule is due from now on. One that this version does not have stays,
 * with its pause: while versions change, an older process may tick once more.
 */
export async function syncSchedules(
  sql: Sql,
  schedules: CodedSchedule[],
  nowMs: EpochMs,
): Promise<void> {
  const now = new Date(nowMs);
  await sql`
    insert into schedules (job, timing, catch_up, next_due_at, last_due_at, synced_at)
    select job, timing, catch_up, next_due_at, ${now}, ${now}
    from unnest(${schedules.map(({ job }) => job)}::text[],
                ${schedules.map(({ timing }) => timing)}::text[],
                ${schedules.map(({ catchUp }) => catchUp)}::text[],
                ${
    schedules.map(({ nextDueMs }) => new Date(nextDueMs).toISOString())
  }::timestamptz[])
         as coded (job, timing, catch_up, next_due_at)
    on conflict (job) do update
      set timing = excluded.timing, catch_up = excluded.catch_up, next_due_at = excluded.next_due_at,
          synced_at = excluded.synced_at
      where (schedules.timing, schedules.catch_up, schedules.next_due_at)
          is distinct from (excluded.timing, excluded.catch_up, excluded.next_due_at)
        or schedules.synced_at < excluded.synced_at - interval '1 hour'`;
}

/** Forgets schedules that no version has had for so long. */
export async function deleteUnknownSchedules(sql: Sql, beforeMs: EpochMs): Promise<void> {
  await sql`delete from schedules where synced_at < ${new Date(beforeMs)}`;
}

/** Locks all schedules in one order, so that two ticks at once follow each other. */
export async function lockSchedules(
  sql: Sql,
): Promise<Map<string, { lastDueMs: EpochMs; paused: boolean }>> {
  const rows = await sql<{ job: string; last_due_at: Date; paused: boolean }[]>`
    select job, last_due_at, paused from schedules order by job for update`;
  return new Map(
    rows.map(({ job, last_due_at, paused }) => [job, { lastDueMs: last_due_at.getTime(), paused }]),
  );
}

export async function advanceSchedules(
  sql: Sql,
  advanced: { job: string; lastDueMs: EpochMs }[],
): Promise<void> {
  await sql`
    update schedules set last_due_at = moved.at
    from unnest(${advanced.map(({ job }) => job)}::text[],
                ${
    advanced.map(({ lastDueMs }) => new Date(lastDueMs).toISOString())
  }::timestamptz[])
         as moved (job, at)
    where schedules.job = moved.job`;
}

export interface ScheduleRow {
  job: string;
  timing: string;
  catch_up: string;
  last_due_at: Date;
  next_due_at: Date | null;
  paused: boolean;
  paused_at: Date | null;
}

export async function selectSchedules(sql: Sql): Promise<ScheduleRow[]> {
  return await sql<ScheduleRow[]>`
    select job, timing, catch_up, last_due_at, next_due_at, paused, paused_at from schedules
    where synced_at > (select max(synced_at) from schedules) - interval '3 hours' order by job`;
}

/** Undefined where no schedule has this name. */
export async function setPaused(
  sql: Sql,
  job: string,
  paused: boolean,
  nowMs: EpochMs,
): Promise<{ changed: boolean } | undefined> {
  const [row] = await sql<{ paused: boolean }[]>`
    select paused from schedules where job = ${job} for update`;
  if (row === undefined) return undefined;
  await sql`
    update schedules set paused = ${paused}, paused_at = ${paused ? new Date(nowMs) : null}
    where job = ${job} and paused <> ${paused}`;
  return { changed: row.paused !== paused };
}
