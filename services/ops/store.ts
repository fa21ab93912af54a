import type { Sql } from "../../lib/database.ts";
import type { NotedError, NotedEvent } from "./schema.ts";

/** A row that is there already counts on: it is the same event within its minute. */
export async function upsertEvents(
  sql: Sql,
  events: NotedEvent[],
  instance: string,
): Promise<void> {
  await sql`
    insert into system_events (id, at, last_at, severity, kind, message, details, instance, count)
    select id, at, last_at, severity, kind, message, details::jsonb, ${instance}, count
    from unnest(${events.map(({ id }) => id)}::uuid[],
                ${events.map(({ atMs }) => isoOf(atMs))}::timestamptz[],
                ${events.map(({ lastAtMs }) => isoOf(lastAtMs))}::timestamptz[],
                ${events.map(({ severity }) => severity)}::text[],
                ${events.map(({ kind }) => kind)}::text[],
                ${events.map(({ message }) => message)}::text[],
                ${events.map(({ details }) => JSON.stringify(details))}::text[],
                ${events.map(({ count }) => count)}::int[])
         as noted (id, at, last_at, severity, kind, message, details, count)
    on conflict (id) do update
      set count = system_events.count + excluded.count,
          last_at = greatest(system_events.last_at, excluded.last_at)`;
}

/** When each of these groups was resolved, null for an open one; locked in one order, so that two writers queue up. */
export async function lockGroups(
  sql: Sql,
  fingerprints: string[],
): Promise<Map<string, Date | null>> {
  const rows = await sql<{ fingerprint: string; resolved_at: Date | null }[]>`
    select fingerprint, resolved_at from error_groups
    where fingerprint = any(${fingerprints}) order by fingerprint for update`;
  return new Map(rows.map((row) => [row.fingerprint, row.resolved_at]));
}

export async function upsertGroup(
  sql: Sql,
  id: string,
  error: NotedError,
  isBack: boolean,
): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    insert into error_groups as known
      (id, fingerprint, name, code, template, place, stack, first_seen_at, last_seen_at, count,
       last_request_id, last_route)
    values (${id}, ${error.fingerprint}, ${error.name}, ${error.code}, ${error.template}, ${error.place},
            ${error.stack}, ${new Date(error.firstSeenMs)}, ${new Date(error.lastSeenMs)},
            ${error.count}, ${error.requestId}, ${error.route})
    on conflict (fingerprint) do update
      set count = known.count + excluded.count,
          stack = excluded.stack,
          first_seen_at = least(known.first_seen_at, excluded.first_seen_at),
          last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at),
          last_request_id = coalesce(excluded.last_request_id, known.last_request_id),
          last_route = coalesce(excluded.last_route, known.last_route),
          state = case when ${isBack} then 'open' else known.state end,
          resolved_at = case when ${isBack} then null else known.resolved_at end,
          resolved_by = case when ${isBack} then null else known.resolved_by end,
          regressed = known.regressed + case when ${isBack} then 1 else 0 end
    returning id`;
  return row?.id ?? id;
}

export interface ErrorRow {
  id: string;
  fingerprint: string;
  name: string;
  code: string | null;
  template: string;
  place: string;
  stack: string[];
  state: "open" | "resolved";
  first_seen_at: Date;
  last_seen_at: Date;
  count: string;
  last_request_id: string | null;
  last_route: string | null;
  resolved_at: Date | null;
  resolved_by: string | null;
  regressed: number;
}

/** Where a row stands in a list that is ordered by a moment. */
export interface Place {
  at: Date;
  id: string;
}

export async function selectGroups(
  sql: Sql,
  filter: { state: string | null; after: Place | undefined; rowsMax: number },
): Promise<ErrorRow[]> {
  const { state, after } = filter;
  return await sql<ErrorRow[]>`
    select * from error_groups
    where (${state}::text is null or state = ${state})
      and (${after === undefined} or (last_seen_at, id) < (${after?.at ?? null}, ${
    after?.id ?? null
  }::uuid))
    order by last_seen_at desc, id desc limit ${filter.rowsMax}`;
}

export async function selectGroup(sql: Sql, id: string): Promise<ErrorRow | undefined> {
  const [row] = await sql<ErrorRow[]>`select * from error_groups where id = ${id}`;
  return row;
}

/** Undefined where it is in that state already, or not there. */
export async function setGroupState(
  sql: Sql,
  id: string,
  resolved: { atMs: number; by: string } | null,
): Promise<ErrorRow | undefined> {
  const state = resolved ? "resolved" : "open";
  const [row] = await sql<ErrorRow[]>`
    update error_groups
    set state = ${state}, resolved_at = ${resolved && new Date(resolved.atMs)},
        resolved_by = ${resolved?.by ?? null}
    where id = ${id} and state <> ${state}
    returning *`;
  return row;
}

export interface EventRow {
  id: string;
  at: Date;
  last_at: Date;
  severity: "info" | "warning" | "error" | "critical";
  kind: string;
  message: string;
  details: Record<string, unknown>;
  instance: string;
  count: number;
}

export async function selectEvents(
  sql: Sql,
  filter: {
    severity: string | null;
    kind: string | null;
    since: Date | null;
    after: Place | undefined;
    rowsMax: number;
  },
): Promise<EventRow[]> {
  const { severity, kind, since, after } = filter;
  return await sql<EventRow[]>`
    select id, at, last_at, severity, kind, message, details, instance, count from system_events
    where (${severity}::text is null or severity = ${severity})
      and (${kind}::text is null or kind = ${kind})
      and (${since}::timestamptz is null or at >= ${since})
      and (${after === undefined} or (at, id) < (${after?.at ?? null}, ${after?.id ?? null}::uuid))
    order by at desc, id desc limit ${filter.rowsMax}`;
}

export async function deleteEventsBefore(sql: Sql, beforeMs: number): Promise<number> {
  const rows = await sql`
    delete from system_events where last_at < ${new Date(beforeMs)} returning 1`;
  return rows.length;
}

export async function deleteResolvedUnseenSince(sql: Sql, sinceMs: number): Promise<number> {
  const rows = await sql`
    delete from error_groups
    where state = 'resolved' and last_seen_at < ${new Date(sinceMs)} returning 1`;
  return rows.length;
}

function isoOf(atMs: number): string {
  return new Date(atMs).toISOString();
}
