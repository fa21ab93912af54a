import type { Sql } from "../../../lib/database.ts";
import type { EpochMs } from "../../../lib/time.ts";
import type { JobOrigin, JobRequest, LostMessage, OutboxMessage, RunName } from "../schema.ts";

/**
 * Asking twice for the same job, key and version is asking once. Due at once by anybody's clock: one that is behind
 * the database's would not see the row until the next tick.
 *
 * @returns false where it was asked for before
 */
export async function insertOutbox(
  sql: Sql,
  id: string,
  request: JobRequest,
  { requestId, traceparent }: JobOrigin,
): Promise<boolean> {
  const { job, key, version = 1, payload = {}, notBeforeMs, units = 1 } = request;
  const notBefore = notBeforeMs === undefined ? null : new Date(notBeforeMs);
  const { count } = await sql`
    insert into outbox (id, job, key, version, payload, not_before, next_attempt_at, request_id,
                        traceparent, units)
    values (${id}, ${job}, ${key}, ${version}, ${sql.json(payload as never)}, ${notBefore}, 'epoch',
            ${requestId}, ${traceparent}, ${units})
    on conflict (job, key, version) do nothing`;
  return count === 1;
}

/** The same for many: arrays are unfolded by Postgres, so that the statement stays one and short. */
export async function insertOutboxRows(
  sql: Sql,
  rows: (JobRequest & { id: string })[],
  { requestId, traceparent }: JobOrigin,
): Promise<void> {
  const payloads = rows.map(({ payload = {} }) => JSON.stringify(payload));
  const notBefore = rows.map(({ notBeforeMs }) =>
    notBeforeMs === undefined ? null : new Date(notBeforeMs).toISOString()
  );
  await sql`
    insert into outbox (id, job, key, version, payload, not_before, next_attempt_at, request_id,
                        traceparent, units)
    select id, job, key, version, payload::jsonb, not_before, 'epoch', ${requestId}::text,
           ${traceparent}::text, units
    from unnest(${rows.map(({ id }) => id)}::uuid[], ${rows.map(({ job }) => job)}::text[],
                ${rows.map(({ key }) => key)}::text[],
                ${rows.map(({ version = 1 }) => version)}::bigint[], ${payloads}::text[],
                ${notBefore}::timestamptz[], ${rows.map(({ units = 1 }) => units)}::int[])
         as asked (id, job, key, version, payload, not_before, units)
    on conflict (job, key, version) do nothing`;
}

/**
 * Takes rows to publish and pushes their next attempt into the future: that is the lease, so a publisher that dies
 * holds nothing up. SKIP LOCKED keeps publishers that run at the same time apart. The array makes sure that rows are
 * fetched by their key: of a join the planner may think that reading the whole table is less.
 */
export async function claimOutbox(
  sql: Sql,
  nowMs: EpochMs,
  rowsMax: number,
): Promise<OutboxMessage[]> {
  const now = new Date(nowMs);
  const rows = await sql<OutboxRow[]>`
    with due as materialized (
      select id from outbox
      where published_at is null and ended_at is null and next_attempt_at <= ${now}
      order by next_attempt_at, id limit ${rowsMax} for update skip locked)
    update outbox set attempts = attempts + 1,
           next_attempt_at = ${now}::timestamptz + least(300, 15 * power(2, least(attempts, 10))) * interval '1 second'
    where id = any (array(select id from due))
    returning id, job, key, version, payload, not_before, request_id, traceparent, units, round, attempts`;
  return rows.map((row) => ({
    id: row.id,
    job: row.job,
    key: row.key,
    version: Number(row.version),
    payload: row.payload,
    notBeforeMs: row.not_before?.getTime() ?? null,
    requestId: row.request_id,
    traceparent: row.traceparent,
    units: row.units,
    round: row.round,
    attempts: row.attempts,
  }));
}

interface OutboxRow {
  id: string;
  job: string;
  key: string;
  version: string;
  payload: Record<string, unknown>;
  not_before: Date | null;
  request_id: string | null;
  traceparent: string | null;
  units: number;
  round: number;
  attempts: number;
}

/** A row that is `over` is heard of no more: it was a wake-up. */
export async function markPublished(
  sql: Sql,
  published: { id: string; messageId: string; over: boolean }[],
  nowMs: EpochMs,
): Promise<void> {
  const now = new Date(nowMs);
  await sql`
    update outbox set published_at = ${now}, message_id = sent.message_id,
           ended_at = case when sent.over = 'yes' then ${now}::timestamptz else ended_at end
    from unnest(${published.map((row) => row.id)}::uuid[],
                ${published.map((row) => row.messageId)}::text[],
                ${
    published.map((row) => row.over ? "yes" : "no")
  }::text[]) as sent (id, message_id, over)
    where outbox.id = sent.id`;
}

/** Undefined where nothing waits. */
export async function selectOldestWaiting(sql: Sql): Promise<Date | undefined> {
  const [row] = await sql<{ oldest: Date | null }[]>`
    select min(created_at) as oldest from outbox where published_at is null and ended_at is null`;
  return row?.oldest ?? undefined;
}

/** Notes that a message has done its work, or that nobody will deliver it any more. */
export async function endOutbox(
  sql: Sql,
  { job, key, version }: RunName,
  nowMs: EpochMs,
): Promise<void> {
  await sql`
    update outbox set ended_at = ${new Date(nowMs)}
    where job = ${job} and key = ${key} and version = ${version} and ended_at is null`;
}

/**
 * Takes the row of a message, so that what becomes of it is decided by one at a time. Undefined where there is none:
 * its transaction is old, or it was merged into another wake-up.
 */
export async function lockOutbox(
  sql: Sql,
  { job, key, version }: RunName,
): Promise<{ round: number; ended: boolean } | undefined> {
  const [row] = await sql<{ round: number; ended: boolean }[]>`
    select round, ended_at is not null as ended from outbox
    where job = ${job} and key = ${key} and version = ${version} for update`;
  return row;
}

/** Puts a message back, to be published anew at `atMs` as its next round. */
export async function reopenOutbox(
  sql: Sql,
  { job, key, version }: RunName,
  atMs: EpochMs,
): Promise<void> {
  await sql`
    update outbox set published_at = null, message_id = null, round = round + 1, attempts = 0,
           next_attempt_at = ${new Date(atMs)}, not_before = null
    where job = ${job} and key = ${key} and version = ${version}`;
}

export interface UnheardFilter {
  job: string;
  nowMs: EpochMs;
  /** How long to wait for a word in each round. */
  patienceMs: number[];
  rowsMax: number;
}

/**
 * Messages of a job of which nothing was heard for longer than their round allows, oldest first. A try that failed is a
 * word: the queue comes back after its own wait, e^2.5n seconds after the n-th.
 */
export async function selectUnheard(
  sql: Sql,
  { job, nowMs, patienceMs, rowsMax }: UnheardFilter,
): Promise<LostMessage[]> {
  const rows = await sql<(Omit<LostMessage, "version"> & { version: string })[]>`
    select outbox.job, outbox.key, outbox.version, payload, round
    from outbox left join job_runs as run
      on run.job = outbox.job and run.key = outbox.key and run.version = outbox.version
    where published_at is not null and ended_at is null and outbox.job = ${job}
      and greatest(published_at, not_before, run.finished_at, run.lease_until, run.started_at)
        + case when run.state = 'failed'
            then least(86400, exp(2.5 * least(run.attempts, 10))) * interval '1 second'
            else interval '0' end
        + (${patienceMs}::bigint[])[least(round + 1, ${patienceMs.length})] * interval '1 millisecond'
        < ${new Date(nowMs)}
    order by published_at limit ${rowsMax}`;
  return rows.map((row) => ({ ...row, version: Number(row.version) }));
}

/** Forgets the oldest of what ended before `beforeMs`, some at a time. */
export async function deleteEndedOutbox(
  sql: Sql,
  beforeMs: EpochMs,
  rowsMax: number,
): Promise<void> {
  await sql`
    delete from outbox where ctid = any(array(
      select ctid from outbox where ended_at < ${new Date(beforeMs)}
      order by ended_at limit ${rowsMax} for update skip locked))`;
}

/** Forgets what was published so long ago, of jobs that nobody knows any more. */
export async function deleteForgottenOutbox(sql: Sql, beforeMs: EpochMs): Promise<void> {
  await sql`delete from outbox where published_at < ${new Date(beforeMs)} and ended_at is null`;
}
