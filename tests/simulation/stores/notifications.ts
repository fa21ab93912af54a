import type * as real from "../../../services/notifications/store.ts";
import type { ReceiptKind } from "../../../services/notifications/ports.ts";
import { claimRank } from "./claims.ts";
import { type NotificationState, type ReceiptState, stateOf } from "./state.ts";
import { notSimulated, SqlError, transactionOf } from "./tables.ts";

type Store = typeof real;
type Simulated = Omit<
  Store,
  | "selectNotification"
  | "selectNotifications"
  | "selectEvents"
  | "selectInbox"
  | "selectInboxItem"
  | "countUnread"
  | "setRead"
  | "setArchived"
>;

/** What the statements of `services/notifications/store.ts` do. Its functions can be replaced by broken ones. */
export const notifications: Simulated = {
  insertNotification(sql, row) {
    const tx = transactionOf(sql);
    return tx.run("insert notification", () => {
      const { notifications } = stateOf(sql);
      const made = newNotification(row);
      const slot = notifications.slot(row.id);
      const twins = made.dedupe_key === null
        ? []
        : tx.find(notifications, (one) => isTwin(one, made));
      if (tx.lock(slot) !== undefined || twins.length > 0) {
        throw new SqlError("23505", "notifications_pkey or notifications_once");
      }
      tx.write(slot, made);
    });
  },

  lockDedupeKey(sql, userId, type, dedupeKey) {
    const tx = transactionOf(sql);
    return tx.run("lock dedupe key", () => tx.waitLock(`${userId}/${type}/${dedupeKey}`));
  },

  selectRequest(sql, userId, type, dedupeKey) {
    const tx = transactionOf(sql);
    return tx.run("select request", () => {
      const [slot] = tx.find(
        stateOf(sql).notifications,
        (row) => row.user_id === userId && row.type === type && row.dedupe_key === dedupeKey,
      );
      return slot && tx.seen(slot)?.request_id;
    });
  },

  insertEvent(sql, { id, notificationId, userId, atMs, status, reason, moved, ...rest }) {
    const tx = transactionOf(sql);
    return tx.run("insert event", () => {
      tx.write(stateOf(sql).events.slot(id), {
        id,
        notification_id: notificationId,
        user_id: userId,
        at: atMs,
        status,
        reason,
        provider: rest.provider ?? null,
        provider_message_id: rest.providerMessageId ?? null,
        moved,
      });
    });
  },

  lockReported(sql, notificationId, provider, providerMessageId) {
    const tx = transactionOf(sql);
    return tx.run("lock reported", () => {
      const { notifications } = stateOf(sql);
      const [slot] = notificationId === null
        ? tx.find(notifications, (row) =>
          providerMessageId !== null && row.provider === provider &&
          row.provider_message_id === providerMessageId)
        : [notifications.slots.get(notificationId)];
      const row = slot && tx.lock(slot);
      return row && { id: row.id, user_id: row.user_id, channel: row.channel, status: row.status };
    });
  },

  moveNotification(sql, id, status) {
    const tx = transactionOf(sql);
    return tx.run("move notification", () => {
      const slot = stateOf(sql).notifications.slots.get(id);
      const row = slot && tx.lock(slot);
      if (slot && row) tx.write(slot, { ...row, status, lease_until: null });
    });
  },

  insertReceipts(sql, given, nowMs) {
    const tx = transactionOf(sql);
    return tx.run("insert receipts", () => {
      const { receipts } = stateOf(sql);
      // One statement sees one snapshot: its own repetitions are left out as well.
      const fresh = given.map((receipt) => ({
        slot: receipts.slot(`${receipt.provider}/${receipt.eventId}`),
        receipt,
      })).filter(({ slot }) => tx.lock(slot) === undefined);
      const written = new Set<string>();
      for (const { slot, receipt } of fresh) {
        if (written.has(slot.key)) continue;
        written.add(slot.key);
        tx.write(slot, newReceipt(receipt, nowMs));
      }
      return written.size;
    });
  },

  lockWaitingReceipts(sql, rowsMax) {
    const tx = transactionOf(sql);
    return tx.run("lock receipts", () => {
      const slots = tx.find(stateOf(sql).receipts, ({ applied_at }) => applied_at === null)
        .filter((slot) => tx.isFree(slot));
      slots.sort((one, other) => byReported(tx.seen(one)!, tx.seen(other)!));
      return slots.slice(0, rowsMax).map((slot) => {
        const { received_at: _, applied_at: __, ...row } = tx.lock(slot)!;
        return {
          ...row,
          kind: row.kind as ReceiptKind,
          reported_at: new Date(row.reported_at),
        };
      });
    });
  },

  markReceiptApplied(sql, provider, eventId, nowMs) {
    const tx = transactionOf(sql);
    return tx.run("mark receipt", () => {
      const slot = stateOf(sql).receipts.slots.get(`${provider}/${eventId}`);
      const row = slot && tx.lock(slot);
      if (slot && row) tx.write(slot, { ...row, applied_at: nowMs });
    });
  },
};

function newNotification(row: real.NewNotification): NotificationState {
  return {
    id: row.id,
    request_id: row.requestId,
    user_id: row.userId,
    type: row.type,
    channel: row.channel,
    priority: row.priority,
    status: row.status,
    data: row.data,
    title: row.title ?? null,
    body: row.body ?? null,
    dedupe_key: row.dedupeKey ?? null,
    created_at: row.createdAtMs,
    expires_at: row.expiresAtMs ?? null,
    attempts: 0,
    next_attempt_at: row.nextAttemptAtMs,
    claim_rank: claimRank(row.nextAttemptAtMs, row.priority).getTime(),
    lease_until: null,
    fence: 0,
    maybe_sent: false,
    provider: null,
    provider_message_id: null,
  };
}

function newReceipt(receipt: real.NewReceipt, nowMs: number): ReceiptState {
  return {
    provider: receipt.provider,
    event_id: receipt.eventId,
    notification_id: receipt.notificationId,
    provider_message_id: receipt.providerMessageId,
    recipient: receipt.recipient,
    kind: receipt.kind,
    reason: receipt.reason,
    permanent: receipt.permanent,
    machine: receipt.machine,
    reported_at: receipt.atMs,
    received_at: nowMs,
    applied_at: null,
  };
}

function isTwin(one: NotificationState, other: NotificationState): boolean {
  return one.user_id === other.user_id && one.type === other.type &&
    one.dedupe_key === other.dedupe_key && one.channel === other.channel;
}

function byReported(one: ReceiptState, other: ReceiptState): number {
  return one.reported_at - other.reported_at || one.received_at - other.received_at;
}

export const insertNotification: Store["insertNotification"] = (...given) =>
  notifications.insertNotification(...given);
export const lockDedupeKey: Store["lockDedupeKey"] = (...given) =>
  notifications.lockDedupeKey(...given);
export const selectRequest: Store["selectRequest"] = (...given) =>
  notifications.selectRequest(...given);
export const insertEvent: Store["insertEvent"] = (...given) => notifications.insertEvent(...given);
export const lockReported: Store["lockReported"] = (...given) =>
  notifications.lockReported(...given);
export const moveNotification: Store["moveNotification"] = (...given) =>
  notifications.moveNotification(...given);
export const insertReceipts: Store["insertReceipts"] = (...given) =>
  notifications.insertReceipts(...given);
export const lockWaitingReceipts: Store["lockWaitingReceipts"] = (...given) =>
  notifications.lockWaitingReceipts(...given);
export const markReceiptApplied: Store["markReceiptApplied"] = (...given) =>
  notifications.markReceiptApplied(...given);

export const selectNotification: Store["selectNotification"] = notSimulated;
export const selectNotifications: Store["selectNotifications"] = notSimulated;
export const selectEvents: Store["selectEvents"] = notSimulated;
export const selectInbox: Store["selectInbox"] = notSimulated;
export const selectInboxItem: Store["selectInboxItem"] = notSimulated;
export const countUnread: Store["countUnread"] = notSimulated;
export const setRead: Store["setRead"] = notSimulated;
export const setArchived: Store["setArchived"] = notSimulated;
