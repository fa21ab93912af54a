import type { Sql } from "../../lib/database.ts";
import type { EpochMs } from "../../lib/time.ts";
import type { Channel, MessageType } from "../preferences/mod.ts";
import type { ReceiptKind } from "./ports.ts";
import type { InboxSelection, Status } from "./schema.ts";
import { claimRank } from "./store/claims.ts";

export interface NewNotification {
  id: string;
  requestId: string;
  userId: string;
  type: MessageType;
  channel: Channel;
  /** 0 for critical to 3 for low. */
  priority: number;
  status: Status;
  data: Record<string, unknown>;
  title?: string;
  body?: string;
  dedupeKey?: string;
  createdAtMs: EpochMs;
  expiresAtMs?: EpochMs;
  nextAttemptAtMs: EpochMs;
}

export async function insertNotification(sql: Sql, row: NewNotification): Promise<void> {
  const { data, createdAtMs, expiresAtMs, nextAttemptAtMs } = row;
  await sql`
    insert into notifications (id, request_id, user_id, type, channel, priority, status, data, title, body,
                               dedupe_key, created_at, expires_at, next_attempt_at, claim_rank)
    values (${row.id}, ${row.requestId}, ${row.userId}, ${row.type}, ${row.channel}, ${row.priority},
            ${row.status}, ${sql.json(data as never)}, ${row.title ?? null}, ${row.body ?? null},
            ${row.dedupeKey ?? null}, ${new Date(createdAtMs)},
            ${expiresAtMs === undefined ? null : new Date(expiresAtMs)}, ${new Date(
    nextAttemptAtMs,
  )},
            ${claimRank(nextAttemptAtMs, row.priority)})`;
}

/** Holds other requests under the same key up until the transaction ends, so that the first one can be found. */
export async function lockDedupeKey(
  sql: Sql,
  userId: string,
  type: MessageType,
  dedupeKey: string,
): Promise<void> {
  const name = `notifications/${userId}/${type}/${dedupeKey}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`;
}

export async function selectRequest(
  sql: Sql,
  userId: string,
  type: MessageType,
  dedupeKey: string,
): Promise<string | undefined> {
  const [row] = await sql<{ request_id: string }[]>`
    select request_id from notifications
    where user_id = ${userId} and type = ${type} and dedupe_key = ${dedupeKey} limit 1`;
  return row?.request_id;
}

export interface NewEvent {
  id: string;
  notificationId: string;
  userId: string;
  atMs: EpochMs;
  status: Status;
  reason: string;
  provider?: string;
  providerMessageId?: string;
  moved: boolean;
}

export async function insertEvent(sql: Sql, event: NewEvent): Promise<void> {
  const at = new Date(event.atMs);
  await sql`
    insert into notification_events (id, notification_id, user_id, at, status, reason, provider,
                                     provider_message_id, moved)
    values (${event.id}, ${event.notificationId}, ${event.userId}, ${at}, ${event.status},
            ${event.reason}, ${event.provider ?? null}, ${
    event.providerMessageId ?? null
  }, ${event.moved})`;
}

export interface LockedNotification {
  id: string;
  user_id: string;
  channel: Channel;
  status: Status;
}

/** By our own id where the vendor sent it back, else by the vendor's. */
export async function lockReported(
  sql: Sql,
  notificationId: string | null,
  provider: string,
  providerMessageId: string | null,
): Promise<LockedNotification | undefined> {
  const [row] = await sql<LockedNotification[]>`
    select id, user_id, channel, status from notifications
    where id = ${notificationId}::uuid
       or (${notificationId}::uuid is null and provider = ${provider} and provider_message_id = ${providerMessageId})
    for update`;
  return row;
}

export async function moveNotification(sql: Sql, id: string, status: Status): Promise<void> {
  await sql`update notifications set status = ${status}, lease_until = null where id = ${id}`;
}

export interface NewReceipt {
  provider: string;
  eventId: string;
  notificationId: string | null;
  providerMessageId: string | null;
  recipient: string | null;
  kind: string;
  reason: string | null;
  permanent: boolean;
  machine: boolean;
  atMs: EpochMs;
  /** JSON text. */
  raw: string;
}

/** Keeps what a vendor reports, each event once, some hundreds at a time; answers how many were new. */
export async function insertReceipts(
  sql: Sql,
  receipts: NewReceipt[],
  nowMs: EpochMs,
): Promise<number> {
  const rows = receipts.map((receipt) => ({
    provider: receipt.provider,
    event_id: receipt.eventId,
    notification_id: receipt.notificationId,
    provider_message_id: receipt.providerMessageId,
    recipient: receipt.recipient,
    kind: receipt.kind,
    reason: receipt.reason,
    permanent: receipt.permanent,
    machine: receipt.machine,
    reported_at: new Date(receipt.atMs),
    received_at: new Date(nowMs),
    raw: receipt.raw,
  }));
  const inserted = await sql`
    insert into receipts ${sql(rows)} on conflict (provider, event_id) do nothing returning 1`;
  return inserted.length;
}

export interface WaitingReceipt {
  provider: string;
  event_id: string;
  notification_id: string | null;
  provider_message_id: string | null;
  recipient: string | null;
  kind: ReceiptKind;
  reason: string | null;
  permanent: boolean;
  machine: boolean;
  reported_at: Date;
}

/** Takes receipts in the order in which things happened, as far as the vendor's clock tells. */
export async function lockWaitingReceipts(sql: Sql, rowsMax: number): Promise<WaitingReceipt[]> {
  return await sql<WaitingReceipt[]>`
    select provider, event_id, notification_id, provider_message_id, recipient, kind, reason, permanent, machine,
           reported_at
    from receipts where applied_at is null
    order by reported_at, received_at limit ${rowsMax} for update skip locked`;
}

export async function markReceiptApplied(
  sql: Sql,
  provider: string,
  eventId: string,
  nowMs: EpochMs,
): Promise<void> {
  await sql`
    update receipts set applied_at = ${new Date(nowMs)}
    where provider = ${provider} and event_id = ${eventId}`;
}

export interface NotificationRow {
  id: string;
  request_id: string;
  user_id: string;
  type: string;
  channel: Channel;
  priority: number;
  status: Status;
  data: Record<string, unknown>;
  title: string | null;
  body: string | null;
  created_at: Date;
  provider: string | null;
  read_at: Date | null;
  archived_at: Date | null;
}

export async function selectNotification(
  sql: Sql,
  id: string,
): Promise<NotificationRow | undefined> {
  const [row] = await sql<NotificationRow[]>`
    select id, request_id, user_id, type, channel, priority, status, data, title, body, created_at, provider,
           read_at, archived_at
    from notifications where id = ${id}`;
  return row;
}

export interface NotificationFilter {
  userId?: string;
  status?: string;
  type?: string;
  channel?: string;
  requestId?: string;
  beforeId: string | null;
  rowsMax: number;
}

/** Latest first: we make their ids, and these are in order of time. */
export async function selectNotifications(
  sql: Sql,
  filter: NotificationFilter,
): Promise<NotificationRow[]> {
  const { userId = null, status = null, type = null, channel = null } = filter;
  const { requestId = null, beforeId } = filter;
  return await sql<NotificationRow[]>`
    select id, request_id, user_id, type, channel, priority, status, data, title, body, created_at, provider,
           read_at, archived_at
    from notifications
    where (${userId}::uuid is null or user_id = ${userId})
      and (${status}::text is null or status = ${status})
      and (${type}::text is null or type = ${type})
      and (${channel}::text is null or channel = ${channel})
      and (${requestId}::uuid is null or request_id = ${requestId})
      and (${beforeId}::uuid is null or id < ${beforeId})
    order by id desc limit ${filter.rowsMax}`;
}

export interface EventRow {
  at: Date;
  status: string;
  reason: string;
  provider: string | null;
  provider_message_id: string | null;
  moved: boolean;
}

/** In the order in which they became known: a vendor's clock counts whole seconds, and runs apart from ours. */
export async function selectEvents(sql: Sql, notificationId: string): Promise<EventRow[]> {
  return await sql<EventRow[]>`
    select at, status, reason, provider, provider_message_id, moved from notification_events
    where notification_id = ${notificationId} order by id`;
}

export type InboxFilter = "all" | "unread" | "archived";

export async function selectInbox(
  sql: Sql,
  userId: string,
  filter: InboxFilter,
  beforeId: string | null,
  rowsMax: number,
): Promise<NotificationRow[]> {
  return await sql<NotificationRow[]>`
    select id, request_id, user_id, type, channel, priority, status, data, title, body, created_at, provider,
           read_at, archived_at
    from notifications
    where user_id = ${userId} and channel = 'in_app' and status = 'delivered'
      and (archived_at is not null) = ${filter === "archived"}
      and (${filter !== "unread"} or read_at is null)
      and (${beforeId}::uuid is null or id < ${beforeId})
    order by id desc limit ${rowsMax}`;
}

export async function selectInboxItem(
  sql: Sql,
  userId: string,
  id: string,
): Promise<NotificationRow | undefined> {
  const [row] = await sql<NotificationRow[]>`
    select id, request_id, user_id, type, channel, priority, status, data, title, body, created_at, provider,
           read_at, archived_at
    from notifications
    where id = ${id} and user_id = ${userId} and channel = 'in_app' and status = 'delivered'`;
  return row;
}

export async function countUnread(sql: Sql, userId: string): Promise<number> {
  const [row] = await sql<{ unread: number }[]>`
    select count(*)::int as unread from notifications
    where user_id = ${userId} and channel = 'in_app' and status = 'delivered'
      and read_at is null and archived_at is null`;
  return row?.unread ?? 0;
}

/** Answers which were unread before. */
export async function setRead(
  sql: Sql,
  userId: string,
  selection: InboxSelection,
  nowMs: EpochMs,
): Promise<string[]> {
  const ids = "ids" in selection ? selection.ids : null;
  const rows = await sql<{ id: string }[]>`
    update notifications set read_at = ${new Date(nowMs)}
    where user_id = ${userId} and channel = 'in_app' and status = 'delivered' and read_at is null
      and (${ids}::uuid[] is null or id = any (${ids}::uuid[]))
    returning id`;
  return rows.map(({ id }) => id);
}

/** Answers which were not put away before. */
export async function setArchived(
  sql: Sql,
  userId: string,
  selection: InboxSelection,
  nowMs: EpochMs,
): Promise<string[]> {
  const ids = "ids" in selection ? selection.ids : null;
  const rows = await sql<{ id: string }[]>`
    update notifications set archived_at = ${new Date(nowMs)}
    where user_id = ${userId} and channel = 'in_app' and status = 'delivered' and archived_at is null
      and (${ids}::uuid[] is null or id = any (${ids}::uuid[]))
    returning id`;
  return rows.map(({ id }) => id);
}
