import { isPassing } from "../../lib/database.ts";
import { fail } from "../../lib/errors.ts";
import { minuteMs, secondMs } from "../../lib/time.ts";
import { inAttempt, type InTransaction, inTransaction, type Needs } from "../ctx.ts";
import { roundsMax } from "./model/patience.ts";
import type { LostMessage } from "./schema.ts";
import { insertDeadLetter, markSettled } from "./store/dead_letters.ts";
import { endOutbox, lockOutbox, reopenOutbox } from "./store/outbox.ts";
import { lockRun, markRunDead, tryLockRun } from "./store/runs.ts";

/** A message that will not be delivered again. */
export interface DeadMessage extends LostMessage {
  reason: string;
  status: number | null;
  attempts: number;
}

type RecordNeeds = Needs<"actor" | "database" | "log" | "newId" | "now">;

/** Does what is owed to whoever waits for work that will not be done; false where nobody does. */
export type GivenUp<C> = (tx: C & InTransaction) => Promise<boolean>;

const reopenAfterMs = 5 * minuteMs;
const busySeconds = 5;
/**
 * What the work itself mostly had no part in: too much going on, a part of ours that was away, or nobody there to answer
 * (0). Where it had, and ended its process each time, the rounds come to an end.
 */
const notItsFault = new Set([0, 429, 502, 503, 504]);

/**
 * Takes back a message that QStash has given up. What only never got its turn is published anew, a few times; everything
 * else is kept, once, so that staff can see why and replay it, and `givenUp` tells whoever waits, in the same
 * transaction. Nothing is left to do where the work was done after all, or where the report is of an earlier round of
 * the message. `busy` while somebody is still at that work.
 */
export async function recordDeadLetter<C extends RecordNeeds>(
  ctx: C,
  message: DeadMessage,
  givenUp: GivenUp<C>,
): Promise<"over" | "reopened" | "recorded"> {
  return await inTransaction(ctx, async (tx) => {
    const { sql } = tx;
    // In the order in which a run that ends takes them: the run, then the row.
    if (!await tryLockRun(sql, message)) return fail("busy", { retryAfterSeconds: busySeconds });
    const run = await lockRun(sql, message);
    const heldMs = (run?.heldUntilMs ?? 0) - ctx.now();
    if (heldMs > 0) fail("busy", { retryAfterSeconds: Math.ceil(heldMs / secondMs) });
    const row = await lockOutbox(sql, message);
    if (row && (row.ended || row.round !== message.round)) return "over";
    if (run && run.state !== "running" && run.state !== "failed") {
      await endOutbox(sql, message, ctx.now());
      return "over";
    }
    if (row && notItsFault.has(message.status ?? 0) && row.round < roundsMax) {
      await reopenOutbox(sql, message, ctx.now() + reopenAfterMs * 2 ** row.round);
      return "reopened";
    }
    await bury(tx, message, givenUp);
    return "recorded";
  });
}

async function bury<C extends RecordNeeds>(
  tx: C & InTransaction,
  message: DeadMessage,
  givenUp: GivenUp<C>,
): Promise<void> {
  const { sql } = tx;
  const letter = { id: tx.newId(), ...message, createdAtMs: tx.now() };
  await markRunDead(sql, message, tx.now());
  await endOutbox(sql, message, tx.now());
  if (!await insertDeadLetter(sql, letter)) return;
  if (await tellWhoWaits(tx, message, givenUp)) await markSettled(sql, letter.id);
  const { id, job, attempts, status } = letter;
  tx.afterCommit(() =>
    tx.log.event({
      severity: "error",
      kind: "dead_letter",
      message: `${job} was given up on`,
      details: { job, attempts, status, deadLetterId: id },
    })
  );
}

/** What fails here must not keep the letter from being written. */
async function tellWhoWaits<C extends RecordNeeds>(
  tx: C & InTransaction,
  { job, key }: DeadMessage,
  givenUp: GivenUp<C>,
): Promise<boolean> {
  try {
    return await inAttempt(tx, givenUp);
  } catch (error) {
    if (isPassing(error)) throw error;
    tx.log.error("nobody was told that a job was given up", { job, key, error });
    return false;
  }
}
