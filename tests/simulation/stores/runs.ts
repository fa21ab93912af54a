import type * as real from "../../../services/jobs/store/runs.ts";
import type { RunName } from "../../../services/jobs/schema.ts";
import type { Sql } from "../../../lib/database.ts";
import { nameOf, type RunRow, stateOf } from "./state.ts";
import { notSimulated, transactionOf } from "./tables.ts";

type Store = typeof real;

const isOver = ({ state }: RunRow) => state !== "running" && state !== "failed";

function newRun({ job, key, version }: RunName, startedMs: number): RunRow {
  return {
    job,
    key,
    version,
    state: "running",
    attempts: 1,
    fence: 1,
    lease_until: null,
    message_id: null,
    request_id: null,
    started_at: startedMs,
    finished_at: null,
    duration_ms: null,
    error_code: null,
    progress_done: null,
    progress_total: null,
  };
}

/** Locks a run and replaces it by what `change` makes of it, unless that is nothing. Answers whether it was. */
function change(
  sql: Sql,
  what: string,
  name: RunName,
  make: (row: RunRow | undefined) => RunRow | undefined,
): Promise<RunRow | undefined> {
  const tx = transactionOf(sql);
  return tx.run(what, () => {
    const { runs } = stateOf(sql);
    const slot = runs.slot(nameOf(name));
    const made = make(tx.lock(slot));
    if (made) tx.write(slot, made);
    return made;
  });
}

/** The same, and where it was changed its message has ended with it. */
async function changeWithMessage(
  sql: Sql,
  what: string,
  name: RunName,
  nowMs: number,
  make: (row: RunRow | undefined) => RunRow | undefined,
): Promise<boolean> {
  const tx = transactionOf(sql);
  return await tx.run(what, () => {
    const { runs, outbox } = stateOf(sql);
    const slot = runs.slot(nameOf(name));
    const made = make(tx.lock(slot));
    if (!made) return false;
    // All rows are locked before any is written: a statement that has to wait begins anew.
    const heard = outbox.slots.get(nameOf(name));
    const message = heard && tx.seen(heard)?.ended_at === null ? tx.lock(heard) : undefined;
    tx.write(slot, made);
    if (heard && message?.ended_at === null) tx.write(heard, { ...message, ended_at: nowMs });
    return true;
  });
}

/** What the statements of `services/jobs/store/runs.ts` do. Its functions can be replaced by broken ones. */
export const runs: Omit<Store, "selectRuns"> = {
  tryLockRun: (sql, name) => {
    const tx = transactionOf(sql);
    return tx.run("try lock run", () => tx.tryLock(nameOf(name)));
  },

  async leaseRun(sql, delivery, requestId, nowMs, leaseMs) {
    const mine = {
      state: "running",
      message_id: delivery.messageId,
      request_id: requestId,
      started_at: nowMs,
      lease_until: nowMs + leaseMs,
    } as const;
    const leased = await change(sql, "lease run", delivery, (row) => {
      if (row === undefined) return { ...newRun(delivery, nowMs), ...mine };
      if (isOver(row)) return undefined;
      // Where the lease is null the comparison is null, and the row is not taken.
      const isFree = row.state === "failed" ||
        row.lease_until !== null && row.lease_until < nowMs;
      if (!isFree) return undefined;
      return {
        ...row,
        ...mine,
        attempts: row.attempts + 1,
        fence: row.fence + 1,
        error_code: null,
        progress_done: null,
        progress_total: null,
      };
    });
    return leased?.fence;
  },

  isRunOver(sql, name) {
    const tx = transactionOf(sql);
    return tx.run("is run over", () => {
      const row = tx.read(stateOf(sql).runs, nameOf(name));
      return row !== undefined && isOver(row);
    });
  },

  async insertDoneRun(sql, delivery, requestId, startedMs, nowMs) {
    const { messageId: message_id } = delivery;
    const mine = {
      ...{ state: "succeeded", message_id, request_id: requestId, started_at: startedMs } as const,
      ...{ finished_at: nowMs, duration_ms: nowMs - startedMs },
    };
    return await changeWithMessage(sql, "insert done run", delivery, nowMs, (row) => {
      if (row === undefined) return { ...newRun(delivery, startedMs), ...mine };
      if (isOver(row)) return undefined;
      return { ...row, ...mine, attempts: row.attempts + 1, error_code: null };
    });
  },

  async finishRun(sql, name, nowMs, { fence, progress }) {
    return await changeWithMessage(sql, "finish run", name, nowMs, (row) => {
      if (row?.state !== "running" || row.fence !== fence) return undefined;
      return {
        ...row,
        state: "succeeded",
        finished_at: nowMs,
        lease_until: null,
        duration_ms: nowMs - row.started_at,
        progress_done: progress?.done ?? null,
        progress_total: progress?.total ?? null,
      };
    });
  },

  async failRun(sql, delivery, requestId, nowMs, { errorCode, fence, last }) {
    const { messageId: message_id } = delivery;
    const make = (row: RunRow | undefined): RunRow | undefined => {
      if (row && (isOver(row) || row.lease_until !== null && row.fence !== fence)) return undefined;
      return {
        ...row ?? { ...newRun(delivery, nowMs), message_id, request_id: requestId },
        state: last ? "dead" : "failed",
        finished_at: nowMs,
        lease_until: null,
        error_code: errorCode,
        attempts: row ? row.attempts + (row.state === "running" ? 0 : 1) : 1,
      };
    };
    if (last) await changeWithMessage(sql, "fail run", delivery, nowMs, make);
    else await change(sql, "fail run", delivery, make);
  },

  async updateProgress(sql, name, fence, { done, total }) {
    const told = await change(
      sql,
      "update progress",
      name,
      (row) =>
        row?.fence === fence && row.state === "running"
          ? { ...row, progress_done: done, progress_total: total }
          : undefined,
    );
    return told !== undefined;
  },

  async markRunDead(sql, name, nowMs) {
    await change(sql, "mark run dead", name, (row) => {
      const dead = { state: "dead", lease_until: null, finished_at: nowMs } as const;
      if (row === undefined) return { ...newRun(name, nowMs), ...dead };
      return isOver(row) ? undefined : { ...row, ...dead, fence: row.fence + 1 };
    });
  },

  lockRun(sql, name) {
    const tx = transactionOf(sql);
    return tx.run("lock run", () => {
      const slot = stateOf(sql).runs.slots.get(nameOf(name));
      const row = slot && tx.lock(slot);
      if (!row) return undefined;
      const { state, lease_until } = row;
      return { state, heldUntilMs: state === "running" ? lease_until ?? 0 : 0 };
    });
  },

  async replaceRun(sql, name, nowMs) {
    await change(
      sql,
      "replace run",
      name,
      (row) => ({
        ...row ?? newRun(name, nowMs),
        state: "replaced",
        fence: row ? row.fence + 1 : 1,
        lease_until: null,
        finished_at: nowMs,
      }),
    );
  },

  endAbandonedRuns(sql, job, beforeMs, { state, nowMs }) {
    const tx = transactionOf(sql);
    return tx.run("end abandoned runs", () => {
      const abandoned = tx.find(stateOf(sql).runs, (row) => isAbandoned(row, job, beforeMs));
      const locked = abandoned.flatMap((slot) => {
        const row = tx.lock(slot);
        return row && isAbandoned(row, job, beforeMs) ? [{ slot, row }] : [];
      });
      for (const { slot, row } of locked) {
        tx.write(slot, {
          ...row,
          state,
          finished_at: nowMs,
          lease_until: null,
          error_code: "abandoned",
        });
      }
      return locked.length;
    });
  },

  deleteEndedRuns(sql, beforeMs, rowsMax) {
    const tx = transactionOf(sql);
    return tx.run("delete runs", () => {
      const slots = tx.find(
        stateOf(sql).runs,
        (row) => row.started_at < beforeMs && isOver(row),
      ).filter((slot) => tx.isFree(slot));
      slots.sort((one, other) => tx.seen(one)!.started_at - tx.seen(other)!.started_at);
      for (const slot of slots.slice(0, rowsMax)) tx.write(slot, undefined);
    });
  },
};

function isAbandoned({ job, state, lease_until }: RunRow, of: string, beforeMs: number): boolean {
  return job === of && state === "running" && lease_until !== null && lease_until < beforeMs;
}

export const tryLockRun: Store["tryLockRun"] = (...given) => runs.tryLockRun(...given);
export const insertDoneRun: Store["insertDoneRun"] = (...given) => runs.insertDoneRun(...given);
export const leaseRun: Store["leaseRun"] = (...given) => runs.leaseRun(...given);
export const isRunOver: Store["isRunOver"] = (...given) => runs.isRunOver(...given);
export const finishRun: Store["finishRun"] = (...given) => runs.finishRun(...given);
export const failRun: Store["failRun"] = (...given) => runs.failRun(...given);
export const updateProgress: Store["updateProgress"] = (...given) => runs.updateProgress(...given);
export const markRunDead: Store["markRunDead"] = (...given) => runs.markRunDead(...given);
export const lockRun: Store["lockRun"] = (...given) => runs.lockRun(...given);
export const replaceRun: Store["replaceRun"] = (...given) => runs.replaceRun(...given);
export const endAbandonedRuns: Store["endAbandonedRuns"] = (...given) =>
  runs.endAbandonedRuns(...given);
export const deleteEndedRuns: Store["deleteEndedRuns"] = (...given) =>
  runs.deleteEndedRuns(...given);
export const selectRuns: Store["selectRuns"] = notSimulated;
