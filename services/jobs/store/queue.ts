import type { Sql } from "../../../lib/database.ts";

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
      select created_at from outbox where published_at is null and ended_at is null
    )
    select (select count(*) from waiting)::int as waiting,
           (select extract(epoch from ${now}::timestamptz - min(created_at))::float8 from waiting) as waiting_seconds,
           count(*) filter (where state = 'running')::int as running,
           extract(epoch from ${now}::timestamptz
             - min(started_at) filter (where state = 'running'))::float8 as running_seconds,
           count(*) filter (where state = 'failed')::int as failed,
           extract(epoch from ${now}::timestamptz
             - min(started_at) filter (where state = 'failed'))::float8 as failed_seconds,
           (select count(*) from dead_letters where state = 'waiting')::int as dead
    from runs`;
  return row;
}
