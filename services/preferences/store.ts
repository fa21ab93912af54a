import type { Sql } from "../../lib/database.ts";
import type { PreferencesInput } from "./schema.ts";

export interface PreferencesRow {
  version: number;
  document: PreferencesInput;
}

export async function selectPreferences(
  sql: Sql,
  userId: string,
): Promise<PreferencesRow | undefined> {
  const [row] = await sql<PreferencesRow[]>`
    select version, document from preferences where user_id = ${userId}`;
  return row;
}

/** Holds other changes of the same person up until the transaction ends; there may be no row yet that could. */
export async function lockPreferences(sql: Sql, userId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`preferences/${userId}`}, 0))`;
}

/** Writes a version over the one before it. The caller holds the lock. */
export async function writePreferences(
  sql: Sql,
  userId: string,
  { version, document }: PreferencesRow,
  nowMs: number,
): Promise<void> {
  await sql`
    insert into preferences (user_id, version, document, updated_at)
    values (${userId}, ${version}, ${sql.json(document as never)}, ${new Date(nowMs)})
    on conflict (user_id) do update
      set version = excluded.version, document = excluded.document, updated_at = excluded.updated_at`;
}

export async function insertHistory(
  sql: Sql,
  userId: string,
  { version, document }: PreferencesRow,
  nowMs: number,
  changedBy: string,
): Promise<void> {
  await sql`
    insert into preference_history (user_id, version, document, changed_at, changed_by)
    values (${userId}, ${version}, ${sql.json(document as never)}, ${new Date(
    nowMs,
  )}, ${changedBy})`;
}

export interface HistoryRow extends PreferencesRow {
  changed_at: Date;
  changed_by: string;
}

export async function selectHistory(
  sql: Sql,
  userId: string,
  beforeVersion: number,
  rowsMax: number,
): Promise<HistoryRow[]> {
  return await sql<HistoryRow[]>`
    select version, document, changed_at, changed_by from preference_history
    where user_id = ${userId} and version < ${beforeVersion}
    order by version desc limit ${rowsMax}`;
}
