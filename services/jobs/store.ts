import type { Sql } from "../../lib/database.ts";
import type {
  Delivery,
  JobMessage,
  JobOrigin,
  JobRequest,
  KeptAnswer,
  KeyedRequest,
} from "./schema.ts";

/**
 * Asking twice for the same job, key and version is asking once. Due at once by anybody's clock: one that is behind
 * the database's would not see the row until the next tick.
 */
export async function insertOutbox(
  sql: Sql,
  id: string,
  request: JobRequest,
  { requestId, traceparent }: JobOrigin,
): Promise<void> {
  const { job, key, version = 1, payload = {}, notBeforeMs } = request;
  const notBefore = notBeforeMs === undefined ? null : new Date(notBeforeMs);
  await sql`
    insert into outbox (id, job, key, version, payload, not_before, next_attempt_at, request_id,
                        traceparent)
    values (${id}, ${job}, ${key}, ${version}, ${sql.json(payload as never)}, ${notBefore}, 'epoch',
            ${requestId}, ${traceparent})
    on conflict (job, key, version) do nothing`;
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
    insert into outbox (id, job, key, version, payload, not_before, request_id, traceparent)
    select id, job, key, version, payload::jsonb, not_before, ${requestId}::text,
           ${traceparent}::text
    from unnest(${rows.map(({ id }) => id)}::uuid[], ${rows.map(({ job }) => job)}::text[],
                ${rows.map(({ key }) => key)}::text[],
                ${rows.map(({ version = 1 }) => version)}::bigint[], ${payloads}::text[],
                ${notBefore}::timestamptz[])
         as asked (id, job, key, version, payload, not_before)
    on conflict (job, key, version) do nothing`;
}

/**
 * Takes rows to publish and pushes their next attempt into the future: that is the lease, so a publisher that dies
 * holds nothing up. SKIP LOCKED keeps publishers that run at the same time apart.
 */
export async function claimOutbox(sql: Sql, nowMs: number, rowsMax: number): Promise<JobMessage[]> {
  const now = new Date(nowMs);
  const rows = await sql<OutboxRow[]>`
    update outbox set attempts = attempts + 1,
           next_attempt_at = ${now}::timestamptz + least(300, 15 * power(2, attempts)) * interval '1 second'
    where id in (
      select id from outbox
      where published_at is null and next_attempt_at <= ${now}
      order by next_attempt_at, id limit ${rowsMax} for update skip locked)
    returning id, job, key, version, payload, not_before, request_id, traceparent`;
  return rows.map((row) => ({
    id: row.id,
    job: row.job,
    key: row.key,
    version: Number(row.version),
    payload: row.payload,
    notBeforeMs: row.not_before?.getTime() ?? null,
    requestId: row.request_id,
    traceparent: row.traceparent,
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
}

export async function markPublished(
  sql: Sql,
  published: { id: string; messageId: string }[],
  nowMs: number,
): Promise<void> {
  await sql`
    update outbox set published_at = ${new Date(nowMs)}, message_id = sent.message_id
    from unnest(${published.map((row) => row.id)}::uuid[],
                ${published.map((row) => row.messageId)}::text[]) as sent (id, message_id)
    where outbox.id = sent.id`;
}

/** Undefined where nothing waits. */
export async function selectOldestWaiting(sql: Sql): Promise<Date | undefined> {
  const [row] = await sql<{ oldest: Date | null }[]>`
    select min(created_at) as oldest from outbox where published_at is null`;
  return row?.oldest ?? undefined;
}

export async function deletePublishedBefore(sql: Sql, beforeMs: number): Promise<void> {
  await sql`delete from outbox where published_at < ${new Date(beforeMs)}`;
}

export async function deleteSucceededBefore(sql: Sql, beforeMs: number): Promise<void> {
  await sql`delete from job_runs where started_at < ${new Date(beforeMs)} and state = 'succeeded'`;
}

/** False where another delivery of the same run holds it now. The lock ends with the transaction. */
export async function tryLockRun(sql: Sql, { job, key, version }: Delivery): Promise<boolean> {
  const [row] = await sql<{ locked: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtextextended(${`${job}/${key}/${version}`}, 0)) as locked`;
  return row?.locked ?? false;
}

/** Writes the run as begun; false where it has succeeded already. */
export async function beginRun(
  sql: Sql,
  delivery: Delivery,
  requestId: string,
  nowMs: number,
): Promise<boolean> {
  const { job, key, version, messageId } = delivery;
  const rows = await sql`
    insert into job_runs (job, key, version, state, message_id, request_id, started_at)
    values (${job}, ${key}, ${version}, 'running', ${messageId}, ${requestId}, ${new Date(nowMs)})
    on conflict (job, key, version) do update
      set state = 'running', attempts = job_runs.attempts + 1, message_id = excluded.message_id,
          request_id = excluded.request_id, started_at = excluded.started_at, error_code = null
      where job_runs.state <> 'succeeded'
    returning 1`;
  return rows.length === 1;
}

/**
 * Takes the run for as long as the lease lasts. Undefined where it has succeeded already or somebody's lease still
 * runs. Each holder gets a higher fence; what is written under an old fence is refused.
 */
export async function leaseRun(
  sql: Sql,
  delivery: Delivery,
  requestId: string,
  nowMs: number,
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
          message_id = excluded.message_id, request_id = excluded.request_id,
          started_at = excluded.started_at, lease_until = excluded.lease_until, error_code = null
      where job_runs.state <> 'succeeded'
        and (job_runs.state <> 'running' or job_runs.lease_until < ${now})
    returning fence`;
  return row && Number(row.fence);
}

export async function hasSucceeded(sql: Sql, { job, key, version }: Delivery): Promise<boolean> {
  const rows = await sql`
    select from job_runs
    where job = ${job} and key = ${key} and version = ${version} and state = 'succeeded'`;
  return rows.length === 1;
}

/** Ends a run as succeeded; false where the fence is no longer ours. */
export async function finishRun(
  sql: Sql,
  { job, key, version }: Delivery,
  nowMs: number,
  fence: number | null,
): Promise<boolean> {
  const now = new Date(nowMs);
  const rows = await sql`
    update job_runs set state = 'succeeded', finished_at = ${now}, lease_until = null,
           duration_ms = extract(epoch from ${now}::timestamptz - started_at) * 1000
    where job = ${job} and key = ${key} and version = ${version}
      and (${fence}::bigint is null or fence = ${fence})
    returning 1`;
  return rows.length === 1;
}

/** Notes that a try failed. A run that somebody finished meanwhile, or holds under a later fence, stays as it is. */
export async function failRun(
  sql: Sql,
  delivery: Delivery,
  requestId: string,
  nowMs: number,
  errorCode: string,
  fence: number | null,
): Promise<void> {
  const { job, key, version, messageId } = delivery;
  const now = new Date(nowMs);
  await sql`
    insert into job_runs (job, key, version, state, message_id, request_id, started_at, finished_at, error_code)
    values (${job}, ${key}, ${version}, 'failed', ${messageId}, ${requestId}, ${now}, ${now}, ${errorCode})
    on conflict (job, key, version) do update
      set state = 'failed', finished_at = excluded.finished_at, lease_until = null,
          error_code = excluded.error_code, attempts = job_runs.attempts
            + case when job_runs.state = 'running' then 0 else 1 end
      where job_runs.state <> 'succeeded'
        and (job_runs.lease_until is null or job_runs.fence = ${fence}::bigint)`;
}

/** The first report of a dead message is kept; a repeated one changes nothing. */
export async function insertDeadLetter(sql: Sql, letter: DeadLetterRow): Promise<boolean> {
  const rows = await sql`
    insert into dead_letters (id, job, key, version, payload, reason, status, attempts)
    values (${letter.id}, ${letter.job}, ${letter.key}, ${letter.version},
            ${
    sql.json(letter.payload as never)
  }, ${letter.reason}, ${letter.status}, ${letter.attempts})
    on conflict (job, key, version) do nothing
    returning 1`;
  return rows.length === 1;
}

export interface DeadLetterRow {
  id: string;
  job: string;
  key: string;
  version: number;
  payload: Record<string, unknown>;
  reason: string;
  status: number | null;
  attempts: number;
}

export async function markRunDead(sql: Sql, letter: DeadLetterRow): Promise<void> {
  await sql`
    update job_runs set state = 'dead'
    where job = ${letter.job} and key = ${letter.key} and version = ${letter.version}
      and state <> 'succeeded'`;
}

/** Locks the schedule's row, made at first sight, so that two ticks at once follow each other. */
export async function lockSchedule(
  sql: Sql,
  job: string,
  nowMs: number,
): Promise<{ lastDueMs: number; paused: boolean }> {
  await sql`
    insert into schedules (job, last_due_at) values (${job}, ${new Date(nowMs)})
    on conflict (job) do nothing`;
  const [row] = await sql<{ last_due_at: Date; paused: boolean }[]>`
    select last_due_at, paused from schedules where job = ${job} for update`;
  return { lastDueMs: row?.last_due_at.getTime() ?? nowMs, paused: row?.paused ?? false };
}

export async function advanceSchedule(sql: Sql, job: string, lastDueMs: number): Promise<void> {
  await sql`update schedules set last_due_at = ${new Date(lastDueMs)} where job = ${job}`;
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
}

/** Where a run stands in the order of the list. Many may start in one millisecond. */
export interface RunPlace {
  startedAt: Date;
  job: string;
  key: string;
  version: string;
}

export async function selectRuns(
  sql: Sql,
  filter: {
    job: string | null;
    state: string | null;
    before: Date | null;
    /** The last run of the page before. */
    after: RunPlace | undefined;
    rowsMax: number;
  },
): Promise<JobRunView[]> {
  const { after } = filter;
  return await sql<JobRunView[]>`
    select job, key, version, state, attempts, started_at, finished_at, duration_ms, error_code
    from job_runs
    where (${filter.job}::text is null or job = ${filter.job})
      and (${filter.state}::text is null or state = ${filter.state})
      and (${filter.before}::timestamptz is null or started_at < ${filter.before})
      and (${after === undefined} or (started_at, job, key, version)
        < (${after?.startedAt ?? null}, ${after?.job ?? null}, ${after?.key ?? null},
           ${after?.version ?? null}::bigint))
    order by started_at desc, job desc, key desc, version desc limit ${filter.rowsMax}`;
}

/** False where another request with the same key holds it now. The lock ends with the transaction. */
export async function tryLockKey(
  sql: Sql,
  { userId, route, key }: KeyedRequest,
): Promise<boolean> {
  const [row] = await sql<{ locked: boolean }[]>`
    select pg_try_advisory_xact_lock(
      hashtextextended(${`idempotency/${userId}/${route}/${key}`}, 0)) as locked`;
  return row?.locked ?? false;
}

/** What was answered under the key after `sinceMs`, and whether to the same content. */
export async function selectAnswer(
  sql: Sql,
  { userId, route, key, fingerprint }: KeyedRequest,
  sinceMs: number,
): Promise<KeptAnswer & { same: boolean } | undefined> {
  const [row] = await sql<(KeptAnswer & { same: boolean })[]>`
    select status, headers, body, fingerprint = ${fingerprint} as same from idempotency_keys
    where user_id = ${userId} and route = ${route} and key = ${key}
      and created_at > ${new Date(sinceMs)}`;
  return row;
}

/** Called under the key's lock once nothing was found: what is there all the same is past its day, and gives way. */
export async function insertAnswer(
  sql: Sql,
  { userId, route, key, fingerprint }: KeyedRequest,
  { status, headers, body }: KeptAnswer,
  nowMs: number,
): Promise<void> {
  await sql`
    insert into idempotency_keys (user_id, route, key, fingerprint, status, headers, body, created_at)
    values (${userId}, ${route}, ${key}, ${fingerprint}, ${status}, ${sql.json(headers)}, ${body},
            ${new Date(nowMs)})
    on conflict (user_id, route, key) do update
      set fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers,
          body = excluded.body, created_at = excluded.created_at`;
}

/** Deletes the oldest of what was answered before `beforeMs`; SKIP LOCKED lets a key that is used anew just now be. */
export async function deleteAnswersBefore(
  sql: Sql,
  beforeMs: number,
  rowsMax: number,
): Promise<number> {
  const { count } = await sql`
    delete from idempotency_keys where ctid = any(array(
      select ctid from idempotency_keys where created_at < ${new Date(beforeMs)}
      order by created_at limit ${rowsMax} for update skip locked))`;
  return count;
}

export interface QueueRow {
  waiting: number;
  /** Null where there is none. */
  waiting_seconds: number | null;
  running: number;
  running_seconds: number | null;
  failed: number;
  failed_seconds: number | null;
  dead: number;
}

/**
 * How much waits, and for how long the first of it has. Each part is small and has an index of its own: what is
 * published, succeeded or replayed is never read.
 */
export async function selectQueue(sql: Sql, nowMs: number): Promise<QueueRow | undefined> {
  const now = new Date(nowMs);
  const [row] = await sql<QueueRow[]>`
    with runs as (
      select state, started_at from job_runs where state in ('running', 'failed')
    ), waiting as (
      select created_at from outbox where published_at is null
    )
    select (select count(*) from waiting)::int as waiting,
           (select extract(epoch from ${now}::timestamptz - min(created_at))::float8 from waiting) as waiting_seconds,
           count(*) filter (where state = 'running')::int as running,
           extract(epoch from ${now}::timestamptz
             - min(started_at) filter (where state = 'running'))::float8 as running_seconds,
           count(*) filter (where state = 'failed')::int as failed,
           extract(epoch from ${now}::timestamptz
             - min(started_at) filter (where state = 'failed'))::float8 as failed_seconds,
           (select count(*) from dead_letters where replayed_at is null)::int as dead
    from runs`;
  return row;
}
