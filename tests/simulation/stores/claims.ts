import * as real from "../../../services/notifications/store/claims.ts";
import { type NotificationState, stateOf } from "./state.ts";
import { transactionOf } from "./tables.ts";

type Store = typeof real;

export const claimRank = real.claimRank;

const prioritiesBelow = 3;
const claimable = new Set(["queued", "held", "scheduled", "sending"]);

const isWaiting = ({ status }: NotificationState) => claimable.has(status) && status !== "sending";
const isHeld = ({ status, lease_until }: NotificationState) =>
  claimable.has(status) && lease_until !== null;

/** Who may do what with a message that was claimed. Each can be replaced by a broken one. */
export const rules = {
  mayBegin: (row: NotificationState, fence: string) =>
    row.fence === Number(fence) && isWaiting(row),
  maySettle: (row: NotificationState, fence: string) => row.fence === Number(fence),
};

/** What the statements of `services/notifications/store/claims.ts` do. Its functions can be replaced by broken ones. */
export const claims: Omit<Store, "claimRank"> = {
  claimNotifications(sql, nowMs, leaseMs, rowsMax) {
    const tx = transactionOf(sql);
    return tx.run("claim notifications", () => {
      const due = tx.find(stateOf(sql).notifications, (row) => isDue(row, nowMs))
        .filter((slot) => tx.isFree(slot));
      due.sort((one, other) => tx.seen(one)!.claim_rank - tx.seen(other)!.claim_rank);
      return due.slice(0, rowsMax).map((slot) => {
        const row = tx.lock(slot)!;
        const resumed = row.status === "sending";
        const claimed: NotificationState = {
          ...row,
          status: resumed ? "queued" : row.status,
          attempts: row.attempts + (row.lease_until === null || resumed ? 1 : 0),
          fence: row.fence + 1,
          lease_until: nowMs + leaseMs,
          claim_rank: nowMs + leaseMs,
          maybe_sent: row.maybe_sent || resumed,
        };
        tx.write(slot, claimed);
        return { ...view(claimed), resumed };
      });
    });
  },

  beginSending(sql, claimed) {
    const tx = transactionOf(sql);
    return tx.run("begin sending", () => {
      const { notifications } = stateOf(sql);
      const locked = claimed.flatMap(({ id, fence }) => {
        const slot = notifications.slots.get(id);
        const row = slot && tx.lock(slot);
        return slot && row && rules.mayBegin(row, fence) ? [{ slot, row }] : [];
      });
      for (const { slot, row } of locked) tx.write(slot, { ...row, status: "sending" });
      return new Set(locked.map(({ row }) => row.id));
    });
  },

  settleNotifications(sql, ended, nowMs) {
    const tx = transactionOf(sql);
    return tx.run("settle notifications", () => {
      const { notifications, events } = stateOf(sql);
      const locked = ended.map((one) => {
        const slot = notifications.slots.get(one.claimed.id);
        return { one, slot, row: slot && tx.lock(slot) };
      });
      const ours = new Set<string>();
      for (const { one: { eventId, claimed, settlement }, slot, row } of locked) {
        const isHolder = slot && row && rules.maySettle(row, claimed.fence);
        const isOurs = isHolder && isHeld(row);
        if (isHolder) tx.write(slot, settled(row, claimed, settlement, nowMs));
        if (isOurs) ours.add(eventId);
        const event = events.slot(eventId);
        if (tx.lock(event) !== undefined) continue;
        tx.write(event, {
          id: eventId,
          notification_id: claimed.id,
          user_id: claimed.user_id,
          at: nowMs,
          status: settlement.status,
          reason: settlement.reason,
          provider: settlement.provider ?? null,
          provider_message_id: settlement.providerMessageId ?? null,
          moved: isOurs ?? false,
        });
      }
      return ours;
    });
  },

  isAnyDue(sql, nowMs) {
    const tx = transactionOf(sql);
    return tx.run(
      "is any due",
      () => tx.find(stateOf(sql).notifications, (row) => isDue(row, nowMs)).length > 0,
    );
  },
};

function settled(
  row: NotificationState,
  { priority }: real.ClaimedNotification,
  { status, item, untried, ...settlement }: real.Settlement,
  nowMs: number,
): NotificationState {
  const isOurs = isHeld(row);
  const dueMs = settlement.nextAttemptAtMs ?? nowMs;
  return {
    ...row,
    status: isOurs ? status : row.status,
    lease_until: null,
    next_attempt_at: dueMs,
    claim_rank: real.claimRank(dueMs, priority).getTime(),
    attempts: row.attempts - (untried && isOurs ? 1 : 0),
    maybe_sent: row.maybe_sent || (settlement.maybeSent ?? false),
    provider: settlement.provider ?? row.provider,
    provider_message_id: settlement.providerMessageId ?? row.provider_message_id,
    title: item?.title ?? row.title,
    body: item?.body ?? row.body,
  };
}

function view(row: NotificationState): Omit<real.ClaimedNotification, "resumed"> {
  const { id, user_id, type, channel, priority, data, attempts, maybe_sent } = row;
  return {
    ...{ id, user_id, type, channel, priority, data, attempts, maybe_sent },
    fence: String(row.fence),
    expires_at: row.expires_at === null ? null : new Date(row.expires_at),
  };
}

function isDue(row: NotificationState, nowMs: number): boolean {
  return claimable.has(row.status) && row.next_attempt_at <= nowMs &&
    row.claim_rank <= real.claimRank(nowMs, prioritiesBelow).getTime() &&
    (row.lease_until === null || row.lease_until < nowMs);
}

export const claimNotifications: Store["claimNotifications"] = (...given) =>
  claims.claimNotifications(...given);
export const beginSending: Store["beginSending"] = (...given) => claims.beginSending(...given);
export const settleNotifications: Store["settleNotifications"] = (...given) =>
  claims.settleNotifications(...given);
export const isAnyDue: Store["isAnyDue"] = (...given) => claims.isAnyDue(...given);
