export { applyReceipts } from "./apply_receipts.ts";
export { archiveInbox } from "./archive_inbox.ts";
export { dispatchNotifications } from "./dispatch_notifications.ts";
export { getBadge } from "./get_badge.ts";
export { getInboxItem } from "./get_inbox_item.ts";
export { getNotification } from "./get_notification.ts";
export { getTrace } from "./get_trace.ts";
export { listInbox } from "./list_inbox.ts";
export { listNotifications } from "./list_notifications.ts";
export { notifyPerson } from "./notify_person.ts";
export type { MailProvider, ReceiptReader } from "./ports.ts";
export { readInbox } from "./read_inbox.ts";
export { requestNotification, type Wanted } from "./request_notification.ts";
export {
  Accepted,
  InboxItem,
  InboxSelection,
  Notification,
  NotificationInput,
  statuses,
  Trace,
} from "./schema.ts";
export { sendNotification } from "./send_notification.ts";
export { takeReceipts } from "./take_receipts.ts";
