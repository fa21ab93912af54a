import type { InTransaction, Needs } from "../ctx.ts";
import { enqueueJob } from "./enqueue_job.ts";
import type { OriginNeeds } from "./job_origin.ts";
import { type DeadLetterRow, markReplayed } from "./store/dead_letters.ts";
import { replaceRun } from "./store/runs.ts";

export type ReplayNeeds =
  & Needs<"actor" | "database" | "log" | "newId" | "now" | "queue">
  & OriginNeeds;

/**
 * Asks once more for the work of a letter that its caller has locked, as a new version. The old run, which is dead, gives
 * way in the same transaction.
 */
export async function replayLetter(
  tx: ReplayNeeds & InTransaction,
  letter: DeadLetterRow,
): Promise<void> {
  const { job, key, payload } = letter;
  await replaceRun(tx.sql, { job, key, version: Number(letter.version) }, tx.now());
  // The moment in microseconds: beyond what any job counts its versions by, the seconds of a schedule included. Letters
  // of one key that are replayed at one moment are different work, and get the moments after it.
  let version = tx.now() * 1_000;
  while (!await enqueueJob(tx, { job, key, version, payload })) version++;
  await markReplayed(tx.sql, letter.id, version, tx.now());
}
