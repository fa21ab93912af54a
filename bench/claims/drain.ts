/** Empties a backlog by as many claimers at once as there may be senders, each on a connection of its own. */
import { type Database, openDatabase, type Session } from "../../lib/database.ts";
import { createLog } from "../../lib/log.ts";
import type { Backlog } from "./backlog.ts";

export const claimers = 16;
const rowsPerClaim = 500;
const system: Session = { role: "almanac_system", userId: "", staff: false };

export function openClaimers(url: string): Database {
  const log = createLog({ level: "error", format: "text", now: Date.now });
  const deadlineMs = 30_000;
  const limits = { deadlineMs, systemDeadlineMs: deadlineMs };
  return openDatabase({ url, poolMax: claimers, prepare: true, ...limits, log });
}

/**
 * Claims until nothing is left, and answers how many rows a second that were. Throws where a row was left, or was given
 * to two claimers. The clock stands still, so that no lease ends meanwhile.
 */
export async function drain(
  database: Database,
  { claim }: Pick<Backlog, "claim">,
  rowCount: number,
): Promise<number> {
  const nowMs = Date.now();
  const claimed: string[][] = [];
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: claimers }, async () => {
    while (true) {
      const ids = await database.transaction(system, (sql) => claim(sql, nowMs, rowsPerClaim));
      if (ids.length === 0) break;
      claimed.push(ids);
    }
  }));
  const seconds = (performance.now() - startedMs) / 1_000;
  assertEachOnce(claimed, rowCount);
  return rowCount / seconds;
}

function assertEachOnce(claimed: string[][], rowCount: number): void {
  const all = claimed.flat();
  const distinct = new Set(all).size;
  if (distinct !== all.length) throw new Error(`${all.length - distinct} rows were claimed twice`);
  if (distinct !== rowCount) throw new Error(`${distinct} of ${rowCount} rows were claimed`);
}
