import type { Sql } from "../../lib/database.ts";
import type { CreatedPlace } from "../../lib/page.ts";
import type { Channel } from "../preferences/mod.ts";
import type { Side } from "./model/mod.ts";

/** What a person sets. */
export interface SettingColumns {
  direction: Side;
  level: string;
  channels: Channel[];
  repeat_mode: "once" | "rearm" | "cooldown";
  cooldown_seconds: number | null;
  note: string;
  enabled: boolean;
  expires_at: Date | null;
}

/** Where an alert was seen last. */
export interface SeenColumns {
  side: Side;
  seen_at: Date | null;
  armed: boolean;
}

export interface AlertRow extends SettingColumns, SeenColumns {
  id: string;
  user_id: string;
  version: number;
  symbol: string;
  fired_count: number;
  last_fired_at: Date | null;
  created_at: Date;
}

/** Holds other changes of the same person up until the transaction ends, so that the limit can be counted. */
export async function lockPersonAlerts(sql: Sql, userId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`alerts/${userId}`}, 0))`;
}

export async function countActive(sql: Sql, userId: string, now: Date): Promise<number> {
  const [row] = await sql<{ active: number }[]>`
    select count(*)::int as active from alerts
    where user_id = ${userId} and enabled and (expires_at is null or expires_at > ${now})`;
  return row?.active ?? 0;
}

export type NewAlert = SettingColumns & SeenColumns & Pick<AlertRow, "id" | "user_id" | "symbol">;

/** Undefined where the id is taken. */
export async function insertAlert(
  sql: Sql,
  alert: NewAlert,
  now: Date,
): Promise<AlertRow | undefined> {
  const row = { ...alert, kind: "price", created_at: now, updated_at: now };
  const [inserted] = await sql<AlertRow[]>`
    insert into alerts ${sql(row)} on conflict (id) do nothing returning *`;
  return inserted;
}

export async function selectAlert(
  sql: Sql,
  userId: string,
  id: string,
): Promise<AlertRow | undefined> {
  const [row] = await sql<AlertRow[]>`
    select * from alerts where id = ${id} and user_id = ${userId}`;
  return row;
}

/** The same, held until the transaction ends. */
export async function selectAlertForUpdate(
  sql: Sql,
  userId: string,
  id: string,
): Promise<AlertRow | undefined> {
  const [row] = await sql<AlertRow[]>`
    select * from alerts where id = ${id} and user_id = ${userId} for update`;
  return row;
}

/** Latest first by when we made them, since ids may be of a client's choice. */
export async function selectAlerts(
  sql: Sql,
  userId: string,
  after: CreatedPlace | undefined,
  rowsMax: number,
): Promise<AlertRow[]> {
  return await sql<AlertRow[]>`
    select * from alerts
    where user_id = ${userId}
      and (${after === undefined} or (created_at, id) < (${after?.createdAt ?? null}, ${
    after?.id ?? null
  }::uuid))
    order by created_at desc, id desc limit ${rowsMax}`;
}

/** Those of a person that have fired, the latest first. */
export async function selectLastFired(
  sql: Sql,
  userId: string,
  rowsMax: number,
): Promise<AlertRow[]> {
  return await sql<AlertRow[]>`
    select * from alerts where user_id = ${userId} and last_fired_at is not null
    order by last_fired_at desc, id desc limit ${rowsMax}`;
}

export async function updateAlert(
  sql: Sql,
  id: string,
  columns: SettingColumns & SeenColumns,
  now: Date,
): Promise<AlertRow> {
  const [row] = await sql<[AlertRow]>`
    update alerts set version = version + 1, ${sql({ ...columns, updated_at: now })}
    where id = ${id} returning *`;
  return row;
}

export async function deleteAlert(sql: Sql, id: string): Promise<void> {
  await sql`delete from alerts where id = ${id}`;
}

/**
 * The symbols that somebody watches now, each time in another order, so that none is always the last. From each symbol
 * the index is entered for the next one: a million alerts on a few thousand symbols are never read.
 */
export async function selectWatchedSymbols(sql: Sql, now: Date): Promise<string[]> {
  const rows = await sql<{ symbol: string }[]>`
    with recursive listed as (
      (select symbol from alerts where enabled order by symbol limit 1)
      union all
      select (select symbol from alerts where enabled and symbol > listed.symbol order by symbol limit 1)
      from listed where listed.symbol is not null)
    select symbol from listed
    where exists (
      select from alerts
      where symbol = listed.symbol and enabled and (expires_at is null or expires_at > ${now})
        and (snoozed_until is null or snoozed_until <= ${now}))
    order by random()`;
  return rows.map(({ symbol }) => symbol);
}

/** What alerts on a symbol are judged by. */
export interface JudgedPrice {
  symbol: string;
  price: string;
  asOf: Date;
  now: Date;
}

/**
 * The active alerts on a symbol that a price changes: those whose level lies between where it was seen and where it
 * is, and those whose rest is over. A price from before the one that was seen last changes none: two sweeps may hold
 * two prices, and the older one may come second. SKIP LOCKED: another sweep judges those.
 */
export async function lockAlertsToJudge(
  sql: Sql,
  { symbol, price, asOf, now }: JudgedPrice,
  afterId: string | null,
  rowsMax: number,
): Promise<AlertRow[]> {
  return await sql<AlertRow[]>`
    select * from alerts
    where enabled and symbol = ${symbol} and (expires_at is null or expires_at > ${now})
      and (snoozed_until is null or snoozed_until <= ${now})
      and (seen_at is null or seen_at <= ${asOf})
      and (side = 'below' and level <= ${price}::numeric
             and (level < ${price}::numeric or direction = 'above')
           or side = 'above' and level >= ${price}::numeric
             and (level > ${price}::numeric or direction = 'below')
           or not armed and repeat_mode = 'cooldown'
             and last_fired_at <= ${now}::timestamptz - cooldown_seconds * interval '1 second')
      and (${afterId}::uuid is null or id > ${afterId})
    order by id limit ${rowsMax} for update skip locked`;
}

/** Notes where an alert is seen now. Its version tells a change that its owner can see. */
export async function updateSeen(sql: Sql, id: string, seen: SeenColumns): Promise<void> {
  await sql`
    update alerts set side = ${seen.side}, seen_at = ${seen.seen_at}, armed = ${seen.armed},
           version = version + case when armed = ${seen.armed} then 0 else 1 end
    where id = ${id}`;
}

export async function markFired(
  sql: Sql,
  id: string,
  fired: SeenColumns & { enabled: boolean },
  now: Date,
): Promise<void> {
  await sql`
    update alerts set version = version + 1, fired_count = fired_count + 1, last_fired_at = ${now}, ${
    sql(fired, "side", "seen_at", "armed", "enabled")
  }
    where id = ${id}`;
}

export interface EventRow {
  id: string;
  alert_id: string;
  at: Date;
  price: string;
  level: string;
  source: string;
  as_of: Date;
  notification_request_id: string | null;
  acknowledged_at: Date | null;
}

export async function insertAlertEvent(
  sql: Sql,
  event: Omit<EventRow, "acknowledged_at"> & { user_id: string },
): Promise<void> {
  await sql`insert into alert_events ${sql(event)}`;
}

export async function selectAlertEvents(
  sql: Sql,
  alertId: string,
  beforeId: string | null,
  rowsMax: number,
): Promise<EventRow[]> {
  return await sql<EventRow[]>`
    select id, alert_id, at, price, level, source, as_of, notification_request_id, acknowledged_at
    from alert_events
    where alert_id = ${alertId} and (${beforeId}::uuid is null or id < ${beforeId})
    order by id desc limit ${rowsMax}`;
}

export async function acknowledgeEvents(sql: Sql, alertId: string, now: Date): Promise<number> {
  const rows = await sql`
    update alert_events set acknowledged_at = ${now}
    where alert_id = ${alertId} and acknowledged_at is null returning 1`;
  return rows.length;
}
