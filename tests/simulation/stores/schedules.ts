import type * as real from "../../../services/jobs/store/schedules.ts";
import { type ScheduleState, stateOf } from "./state.ts";
import { transactionOf } from "./tables.ts";

type Store = typeof real;

const hourMs = 3_600_000;

/** What the statements of `services/jobs/store/schedules.ts` do. Its functions can be replaced by broken ones. */
export const schedules: Store = {
  syncSchedules(sql, coded, nowMs) {
    const tx = transactionOf(sql);
    return tx.run("sync schedules", () => {
      const { schedules } = stateOf(sql);
      const slots = coded.map((schedule) => {
        const slot = schedules.slot(schedule.job);
        return { slot, schedule, row: tx.lock(slot) };
      });
      for (const { slot, schedule, row } of slots) {
        const { job, timing, catchUp: catch_up, nextDueMs: next_due_at } = schedule;
        const fresh = { job, last_due_at: nowMs, paused: false, paused_at: null };
        const isSame = row?.timing === timing && row.catch_up === catch_up &&
          row.next_due_at === next_due_at && row.synced_at >= nowMs - hourMs;
        if (isSame) continue;
        tx.write(slot, { ...row ?? fresh, timing, catch_up, next_due_at, synced_at: nowMs });
      }
    });
  },

  deleteUnknownSchedules(sql, beforeMs) {
    const tx = transactionOf(sql);
    return tx.run("delete schedules", () => {
      const slots = tx.find(stateOf(sql).schedules, ({ synced_at }) => synced_at < beforeMs);
      for (const slot of slots) tx.write(slot, undefined);
    });
  },

  lockSchedules(sql) {
    const tx = transactionOf(sql);
    return tx.run("lock schedules", () => {
      const slots = tx.find(stateOf(sql).schedules, () => true);
      slots.sort((one, other) => one.key < other.key ? -1 : 1);
      return new Map(slots.flatMap((slot) => {
        const row = tx.lock(slot);
        return row ? [[row.job, { lastDueMs: row.last_due_at, paused: row.paused }]] : [];
      }));
    });
  },

  advanceSchedules(sql, advanced) {
    const tx = transactionOf(sql);
    return tx.run("advance schedules", () => {
      for (const { job, lastDueMs } of advanced) {
        const slot = stateOf(sql).schedules.slots.get(job);
        const row = slot && tx.lock(slot);
        if (slot && row) tx.write(slot, { ...row, last_due_at: lastDueMs });
      }
    });
  },

  selectSchedules(sql) {
    const tx = transactionOf(sql);
    return tx.run("select schedules", () => {
      const rows = tx.find(stateOf(sql).schedules, () => true).map((slot) => tx.seen(slot)!);
      rows.sort((one, other) => one.job < other.job ? -1 : 1);
      const latestMs = Math.max(...rows.map(({ synced_at }) => synced_at));
      return rows.filter(({ synced_at }) => synced_at > latestMs - 3 * hourMs).map(view);
    });
  },

  setPaused(sql, job, paused, nowMs) {
    const tx = transactionOf(sql);
    return tx.run("pause schedule", () => {
      const slot = stateOf(sql).schedules.slots.get(job);
      const row = slot && tx.lock(slot);
      if (!slot || !row) return undefined;
      if (row.paused === paused) return { changed: false };
      tx.write(slot, { ...row, paused, paused_at: paused ? nowMs : null });
      return { changed: true };
    });
  },
};

function view({ synced_at: _, ...row }: ScheduleState): real.ScheduleRow {
  return {
    ...row,
    last_due_at: new Date(row.last_due_at),
    next_due_at: row.next_due_at === null ? null : new Date(row.next_due_at),
    paused_at: row.paused_at === null ? null : new Date(row.paused_at),
  };
}

export const syncSchedules: Store["syncSchedules"] = (...given) =>
  schedules.syncSchedules(...given);
export const lockSchedules: Store["lockSchedules"] = (...given) =>
  schedules.lockSchedules(...given);
export const advanceSchedules: Store["advanceSchedules"] = (...given) =>
  schedules.advanceSchedules(...given);
export const selectSchedules: Store["selectSchedules"] = (...given) =>
  schedules.selectSchedules(...given);
export const setPaused: Store["setPaused"] = (...given) => schedules.setPaused(...given);
export const deleteUnknownSchedules: Store["deleteUnknownSchedules"] = (...given) =>
  schedules.deleteUnknownSchedules(...given);
