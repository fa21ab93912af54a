import { toInstant } from "../../lib/time.ts";
import { type InboxItem, type Notification, priorities, type TraceStep } from "./schema.ts";
import type { EventRow, NotificationRow } from "./store.ts";

export function toNotification(row: NotificationRow): Notification {
  return {
    id: row.id,
    requestId: row.request_id,
    userId: row.user_id,
    type: row.type,
    channel: row.channel,
    priority: priorities[row.priority] ?? "normal",
    status: row.status,
    createdAt: toInstant(row.created_at),
    provider: row.provider,
  };
}

export function toTraceStep(row: EventRow): TraceStep {
  return {
    at: toInstant(row.at),
    status: row.status,
    reason: row.reason,
    provider: row.provider,
    providerMessageId: row.provider_message_id,
    moved: row.moved,
  };
}

export function toInboxItem(row: NotificationRow): InboxItem {
  return {
    id: row.id,
    type: row.type,
    title: row.title ?? "",
    body: row.body ?? "",
    data: row.data,
    createdAt: toInstant(row.created_at),
    readAt: row.read_at && toInstant(row.read_at),
    archivedAt: row.archived_at && toInstant(row.archived_at),
  };
}
