import type * as real from "../../../services/notifications/store/suppressions.ts";
import { stateOf } from "./state.ts";
import { transactionOf } from "./tables.ts";

type Store = typeof real;

/** What the statements of `services/notifications/store/suppressions.ts` do. */
const suppressions: Store = {
  selectSuppression(sql, channel, address) {
    const tx = transactionOf(sql);
    return tx.run("select suppression", () => {
      const row = tx.read(stateOf(sql).suppressions, `${channel}/${address.toLowerCase()}`);
      return row && { reason: row.reason, created_at: new Date(row.created_at) };
    });
  },

  insertSuppression(sql, channel, address, reason, nowMs) {
    const tx = transactionOf(sql);
    return tx.run("insert suppression", () => {
      const slot = stateOf(sql).suppressions.slot(`${channel}/${address.toLowerCase()}`);
      if (tx.lock(slot) !== undefined) return;
      tx.write(slot, { channel, address: address.toLowerCase(), reason, created_at: nowMs });
    });
  },
};

export const selectSuppression: Store["selectSuppression"] = (...given) =>
  suppressions.selectSuppression(...given);
export const insertSuppression: Store["insertSuppression"] = (...given) =>
  suppressions.insertSuppression(...given);
