import type * as real from "../../../services/jobs/store/outbox.ts";
import type { Sql } from "../../../lib/database.ts";
import { nameOf, type OutboxRow, type RunRow, stateOf } from "./state.ts";
import { transactionOf } from "./tables.ts";

type Store = typeof real;

function rowOf(
  id: string,
  { job, key, version = 1, payload = {}, notBeforeMs, units = 1 }: Parameters<
    Store["insertOutbox"]
  >[2],
  { requestId, traceparent }: Parameters<Store["insertOutbox"]>[3],
): OutboxRow {
  return {
    id,
    job,
    key,
    version,
    payload,
    not_before: notBeforeMs ?? null,
    attempts: 0,
    next_attempt_at: 0,
    published_at: null,
    message_id: null,
    request_id: requestId,
    traceparent,
    units,
    round: 0,
    ended_at: null,
  };
}

/** Answers how many were new. */
function insertRows(
  sql: Sql,
  rows: Parameters<Store["insertOutboxRows"]>[1],
  origin: Parameters<Store["insertOutboxRows"]>[2],
): Promise<number> {
  const tx = transactionOf(sql);
  const { outbox, outboxNames } = stateOf(sql);
  return tx.run("insert outbox", () => {
    let count = 0;
    for (const { id, ...request } of rows) {
      const row = rowOf(id, request, origin);
      const slot = outbox.slot(nameOf(row));
      if (tx.lock(slot) !== undefined) continue;
      tx.write(slot, row);
      outboxNames.set(id, slot.key);
      count++;
    }
    return count;
  });
}

/** What the statements of `services/jobs/store/outbox.ts` do. Its functions can be replaced by broken ones. */
export const outbox: Store = {
  async insertOutbox(sql, id, request, origin) {
    return await insertRows(sql, [{ id, ...request }], origin) === 1;
  },

  async insertOutboxRows(sql, rows, origin) {
    await insertRows(sql, rows, origin);
  },

  claimOutbox: (sql, nowMs, rowsMax) =>
    claim(sql, nowMs, rowsMax, ({ ended_at }) => ended_at === null),

  markPublished(sql, published, nowMs) {
    const tx = transactionOf(sql);
    const { outbox, outboxNames } = stateOf(sql);
    return tx.run("mark published", () => {
      for (const { id, messageId, over } of published) {
        const slot = outbox.slots.get(outboxNames.get(id) ?? "");
        const row = slot && tx.lock(slot);
        if (!slot || !row || row.id !== id) continue;
        tx.write(slot, {
          ...row,
          published_at: nowMs,
          message_id: messageId,
          ended_at: over ? nowMs : row.ended_at,
        });
      }
    });
  },

  selectOldestWaiting: () => Promise.reject(new Error("not simulated")),

  endOutbox(sql, name, nowMs) {
    const tx = transactionOf(sql);
    return tx.run("end outbox", () => {
      const slot = stateOf(sql).outbox.slots.get(nameOf(name));
      const row = slot && tx.seen(slot);
      if (!slot || !row || row.ended_at !== null) return;
      const latest = tx.lock(slot);
      if (latest && latest.ended_at === null) tx.write(slot, { ...latest, ended_at: nowMs });
    });
  },

  lockOutbox(sql, name) {
    const tx = transactionOf(sql);
    return tx.run("lock outbox", () => {
      const slot = stateOf(sql).outbox.slots.get(nameOf(name));
      const row = slot && tx.lock(slot);
      return row && { round: row.round, ended: row.ended_at !== null };
    });
  },

  reopenOutbox(sql, name, atMs) {
    const tx = transactionOf(sql);
    return tx.run("reopen outbox", () => {
      const slot = stateOf(sql).outbox.slots.get(nameOf(name));
      const row = slot && tx.lock(slot);
      if (!slot || !row) return;
      tx.write(slot, {
        ...row,
        published_at: null,
        message_id: null,
        round: row.round + 1,
        attempts: 0,
        next_attempt_at: atMs,
        not_before: null,
      });
    });
  },

  selectUnheard(sql, { job, nowMs, patienceMs, rowsMax }) {
    const tx = transactionOf(sql);
    return tx.run("select unheard", () => {
      const { outbox, runs } = stateOf(sql);
      const slots = tx.find(outbox, (row) => {
        if (row.job !== job) return false;
        const lostMs = lostAtMs(row, tx.read(runs, nameOf(row)), patienceMs);
        return lostMs !== undefined && lostMs < nowMs;
      });
      slots.sort((one, other) => tx.seen(one)!.published_at! - tx.seen(other)!.published_at!);
      return slots.slice(0, rowsMax).map((slot) => {
        const { key, version, payload, round } = tx.seen(slot)!;
        return { job, key, version, payload, round };
      });
    });
  },

  deleteEndedOutbox(sql, beforeMs, rowsMax) {
    const tx = transactionOf(sql);
    return tx.run("delete outbox", () => {
      const slots = tx.find(
        stateOf(sql).outbox,
        ({ ended_at }) => ended_at !== null && ended_at < beforeMs,
      ).filter((slot) => tx.isFree(slot));
      slots.sort((one, other) => tx.seen(one)!.ended_at! - tx.seen(other)!.ended_at!);
      for (const slot of slots.slice(0, rowsMax)) tx.write(slot, undefined);
    });
  },

  deleteForgottenOutbox(sql, beforeMs) {
    const tx = transactionOf(sql);
    return tx.run("forget outbox", () => {
      const slots = tx.find(
        stateOf(sql).outbox,
        ({ published_at, ended_at }) =>
          published_at !== null && published_at < beforeMs && ended_at === null,
      );
      for (const slot of slots) tx.write(slot, undefined);
    });
  },
};

/** What `claimOutbox` does with rows that fit beside being due. */
export function claim(
  sql: Sql,
  nowMs: number,
  rowsMax: number,
  fits: (row: OutboxRow) => boolean,
): ReturnType<Store["claimOutbox"]> {
  const tx = transactionOf(sql);
  return tx.run("claim outbox", () => {
    const due = tx.find(
      stateOf(sql).outbox,
      (row) => row.published_at === null && row.next_attempt_at <= nowMs && fits(row),
    ).filter((slot) => tx.isFree(slot));
    due.sort((one, other) => byDue(tx.seen(one)!, tx.seen(other)!));
    return due.slice(0, rowsMax).map((slot) => {
      const row = tx.lock(slot)!;
      const waitSeconds = Math.min(300, 15 * 2 ** Math.min(row.attempts, 10));
      const attempts = row.attempts + 1;
      tx.write(slot, { ...row, attempts, next_attempt_at: nowMs + waitSeconds * 1_000 });
      const { id, job, key, version, payload, units, round } = row;
      return {
        ...{ id, job, key, version, payload, units, round, attempts },
        notBeforeMs: row.not_before,
        requestId: row.request_id,
        traceparent: row.traceparent,
      };
    });
  });
}

/** From when on a message counts as lost; undefined where it is not on its way. */
export function lostAtMs(
  { published_at, ended_at, not_before, round }: OutboxRow,
  run: RunRow | undefined,
  patienceMs: number[],
): number | undefined {
  if (published_at === null || ended_at !== null) return undefined;
  const wordMs = [not_before, run?.finished_at, run?.lease_until, run?.started_at];
  const heardMs = Math.max(published_at, ...wordMs.map((atMs) => atMs ?? 0));
  const restSeconds = run?.state === "failed"
    ? Math.min(86_400, Math.exp(2.5 * Math.min(run.attempts, 10)))
    : 0;
  return heardMs + restSeconds * 1_000 + patienceMs[Math.min(round + 1, patienceMs.length) - 1]!;
}

function byDue(one: OutboxRow, other: OutboxRow): number {
  return one.next_attempt_at - other.next_attempt_at || (one.id < other.id ? -1 : 1);
}

export const insertOutbox: Store["insertOutbox"] = (...given) => outbox.insertOutbox(...given);
export const insertOutboxRows: Store["insertOutboxRows"] = (...given) =>
  outbox.insertOutboxRows(...given);
export const claimOutbox: Store["claimOutbox"] = (...given) => outbox.claimOutbox(...given);
export const markPublished: Store["markPublished"] = (...given) => outbox.markPublished(...given);
export const selectOldestWaiting: Store["selectOldestWaiting"] = (...given) =>
  outbox.selectOldestWaiting(...given);
export const endOutbox: Store["endOutbox"] = (...given) => outbox.endOutbox(...given);
export const reopenOutbox: Store["reopenOutbox"] = (...given) => outbox.reopenOutbox(...given);
export const lockOutbox: Store["lockOutbox"] = (...given) => outbox.lockOutbox(...given);
export const selectUnheard: Store["selectUnheard"] = (...given) => outbox.selectUnheard(...given);
export const deleteForgottenOutbox: Store["deleteForgottenOutbox"] = (...given) =>
  outbox.deleteForgottenOutbox(...given);
export const deleteEndedOutbox: Store["deleteEndedOutbox"] = (...given) =>
  outbox.deleteEndedOutbox(...given);
