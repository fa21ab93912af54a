import type * as real from "../../../services/jobs/store/dead_letters.ts";
import { type LetterRow, nameOf, stateOf } from "./state.ts";
import { notSimulated, type Slot, transactionOf } from "./tables.ts";
import type { Sql } from "../../../lib/database.ts";

type Store = typeof real;

function view(sql: Sql, row: LetterRow): real.DeadLetterRow {
  const { job, key, replay_version } = row;
  const run = replay_version === null ? undefined : transactionOf(sql).read(
    stateOf(sql).runs,
    nameOf({ job, key, version: replay_version }),
  );
  return {
    ...row,
    version: String(row.version),
    created_at: new Date(row.created_at),
    replayed_at: row.replayed_at === null ? null : new Date(row.replayed_at),
    replay_version: replay_version === null ? null : String(replay_version),
    replay_state: run?.state ?? null,
  };
}

function fits(row: LetterRow, filter: real.LetterFilter): boolean {
  const { job, key, state, status, createdFrom, createdBefore, reason } = filter;
  return (job === null || row.job === job) && (key === null || row.key === key) &&
    (state === null || row.state === state) && (status === null || row.status === status) &&
    (createdFrom === null || row.created_at >= createdFrom.getTime()) &&
    (createdBefore === null || row.created_at < createdBefore.getTime()) &&
    (reason === null || row.reason.toLowerCase().includes(reason.toLowerCase()));
}

/** What the statements of `services/jobs/store/dead_letters.ts` do. Its functions can be replaced by broken ones. */
export const letters: Omit<Store, "selectDeadLetters"> = {
  insertDeadLetter(sql, letter) {
    const tx = transactionOf(sql);
    return tx.run("insert letter", () => {
      const { letters, letterNames } = stateOf(sql);
      const { createdAtMs, ...rest } = letter;
      const slot = letters.slot(nameOf(letter));
      if (tx.lock(slot) !== undefined) return false;
      const { id, job, key, version, payload, reason, status, attempts } = rest;
      tx.write(slot, {
        ...{ id, job, key, version, payload, reason, status, attempts },
        created_at: createdAtMs,
        replayed_at: null,
        replay_version: null,
        state: "waiting",
      });
      letterNames.set(letter.id, slot.key);
      return true;
    });
  },

  selectDeadLetter(sql, id) {
    const tx = transactionOf(sql);
    return tx.run("select letter", () => {
      const slot = slotOf(sql, id);
      const row = slot && tx.seen(slot);
      return row && view(sql, row);
    });
  },

  lockDeadLetter(sql, id) {
    const tx = transactionOf(sql);
    return tx.run("lock letter", () => {
      const slot = slotOf(sql, id);
      const row = slot && tx.lock(slot);
      return row && view(sql, row);
    });
  },

  lockWaitingLetters(sql, filter, rowsMax) {
    const tx = transactionOf(sql);
    return tx.run("lock letters", () => {
      const slots = tx.find(
        stateOf(sql).letters,
        (row) => row.state === "waiting" && fits(row, filter),
      ).filter((slot) => tx.isFree(slot));
      slots.sort((one, other) => byCreated(tx.seen(one)!, tx.seen(other)!));
      return slots.slice(0, rowsMax).map((slot) => view(sql, tx.lock(slot)!));
    });
  },

  countWaitingLetters(sql, filter) {
    const tx = transactionOf(sql);
    return tx.run("count letters", () =>
      tx.find(
        stateOf(sql).letters,
        (row) => row.state === "waiting" && fits(row, filter),
      ).length);
  },

  markReplayed(sql, id, replayVersion, nowMs) {
    const marked = { state: "replayed", replayed_at: nowMs, replay_version: replayVersion };
    return mark(sql, id, marked);
  },

  markSettled: (sql, id) => mark(sql, id, { state: "settled" }),

  deleteAnsweredLetters(sql, beforeMs) {
    const tx = transactionOf(sql);
    return tx.run("delete letters", () => {
      const slots = tx.find(
        stateOf(sql).letters,
        ({ created_at, state }) => created_at < beforeMs && state !== "waiting",
      );
      for (const slot of slots) tx.write(slot, undefined);
    });
  },
};

function mark(sql: Sql, id: string, marked: Partial<LetterRow>): Promise<void> {
  const tx = transactionOf(sql);
  return tx.run("mark letter", () => {
    const slot = slotOf(sql, id);
    const row = slot && tx.lock(slot);
    if (slot && row) tx.write(slot, { ...row, ...marked });
  });
}

function slotOf(sql: Sql, id: string): Slot<LetterRow> | undefined {
  const { letters, letterNames } = stateOf(sql);
  return letters.slots.get(letterNames.get(id) ?? "");
}

function byCreated(one: LetterRow, other: LetterRow): number {
  return one.created_at - other.created_at || (one.id < other.id ? -1 : 1);
}

export const insertDeadLetter: Store["insertDeadLetter"] = (...given) =>
  letters.insertDeadLetter(...given);
export const selectDeadLetter: Store["selectDeadLetter"] = (...given) =>
  letters.selectDeadLetter(...given);
export const lockDeadLetter: Store["lockDeadLetter"] = (...given) =>
  letters.lockDeadLetter(...given);
export const lockWaitingLetters: Store["lockWaitingLetters"] = (...given) =>
  letters.lockWaitingLetters(...given);
export const countWaitingLetters: Store["countWaitingLetters"] = (...given) =>
  letters.countWaitingLetters(...given);
export const markReplayed: Store["markReplayed"] = (...given) => letters.markReplayed(...given);
export const markSettled: Store["markSettled"] = (...given) => letters.markSettled(...given);
export const deleteAnsweredLetters: Store["deleteAnsweredLetters"] = (...given) =>
  letters.deleteAnsweredLetters(...given);
export const selectDeadLetters: Store["selectDeadLetters"] = notSimulated;
