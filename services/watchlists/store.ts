import type { Sql } from "../../lib/database.ts";
import type { Place } from "./schema.ts";

/** What a person sets. */
export interface SettingColumns {
  name: string;
  symbols: string[];
  position: number;
}

export interface WatchlistRow extends SettingColumns {
  id: string;
  user_id: string;
  version: number;
  created_at: Date;
  updated_at: Date;
}

/** Holds other changes of the same person up until the transaction ends, so that lists can be counted and placed. */
export async function lockPersonWatchlists(sql: Sql, userId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`watchlists/${userId}`}, 0))`;
}

/** How many lists a person has beside one, and the last one's position; null where there are none. */
export async function countOthers(
  sql: Sql,
  userId: string,
  id: string,
): Promise<{ lists: number; last: number | null }> {
  const [row] = await sql<[{ lists: number; last: number | null }]>`
    select count(*)::int as lists, max(position) as last from watchlists
    where user_id = ${userId} and id <> ${id}`;
  return row;
}

/** Undefined where the id is taken. */
export async function insertWatchlist(
  sql: Sql,
  watchlist: SettingColumns & Pick<WatchlistRow, "id" | "user_id">,
  now: Date,
): Promise<WatchlistRow | undefined> {
  const row = { ...watchlist, created_at: now, updated_at: now };
  const [inserted] = await sql<WatchlistRow[]>`
    insert into watchlists ${sql(row)} on conflict (id) do nothing returning *`;
  return inserted;
}

export async function selectWatchlist(
  sql: Sql,
  userId: string,
  id: string,
): Promise<WatchlistRow | undefined> {
  const [row] = await sql<WatchlistRow[]>`
    select * from watchlists where id = ${id} and user_id = ${userId}`;
  return row;
}

/** The same, held until the transaction ends. */
export async function selectWatchlistForUpdate(
  sql: Sql,
  userId: string,
  id: string,
): Promise<WatchlistRow | undefined> {
  const [row] = await sql<WatchlistRow[]>`
    select * from watchlists where id = ${id} and user_id = ${userId} for update`;
  return row;
}

export async function selectWatchlists(
  sql: Sql,
  userId: string,
  after: Place | null,
  rowsMax: number,
): Promise<WatchlistRow[]> {
  const id = after?.id ?? null;
  return await sql<WatchlistRow[]>`
    select * from watchlists
    where user_id = ${userId}
      and (${id}::uuid is null or (position, id) > (${after?.position ?? null}::int, ${id}::uuid))
    order by position, id limit ${rowsMax}`;
}

export async function updateWatchlist(
  sql: Sql,
  id: string,
  columns: SettingColumns,
  now: Date,
): Promise<WatchlistRow> {
  const [row] = await sql<[WatchlistRow]>`
    update watchlists set version = version + 1, ${sql({ ...columns, updated_at: now })}
    where id = ${id} returning *`;
  return row;
}

export async function deleteWatchlist(sql: Sql, id: string): Promise<void> {
  await sql`delete from watchlists where id = ${id}`;
}
