import { fail } from "../../lib/errors.ts";
import { inAttempt, type InTransaction, inTransaction, type Needs } from "../ctx.ts";
import { findAnswer } from "./find_answer.ts";
import type { KeptAnswer, KeyedRequest } from "./schema.ts";
import { insertAnswer, tryLockKey } from "./store/idempotency_keys.ts";

type OnceNeeds = Needs<"actor" | "database" | "log" | "now">;

// The work of a request takes milliseconds; whoever asks again after a second mostly finds its answer.
const runningSeconds = 1;

/** What a request asks for, and what is made of its failures. */
export interface Work<C> {
  /** Joins the transaction; what has an effect outside of Postgres waits for `afterCommit`. */
  run(tx: C & InTransaction): Promise<KeptAnswer>;
  /** The answer to a failure that is final; undefined for one after which the same request may be tried again. */
  refusalOf(error: unknown): Promise<KeptAnswer | undefined>;
}

/**
 * Does what a request asks for once under its key: the work and its answer commit together, so that neither a crash nor
 * a lost reply does it twice. A final refusal is kept in place of what was undone for it; after any other failure
 * nothing is kept. `idempotency_key_running` while the same key is at work, `idempotency_key_reused` for other content.
 */
export async function answerOnce<C extends OnceNeeds>(
  ctx: C,
  request: KeyedRequest,
  work: Work<C>,
): Promise<{ answer: KeptAnswer; replayed: boolean }> {
  return await inTransaction(ctx, async (tx) => {
    // Sent together and run one after the other: what was committed before the lock was got is seen by the second.
    const [locked, kept] = await Promise.all([
      tryLockKey(tx.sql, request),
      findAnswer(tx, request),
    ]);
    if (kept) return { answer: kept, replayed: true };
    if (!locked) return fail("idempotency_key_running", { retryAfterSeconds: runningSeconds });
    const answer = await attempt(tx, work);
    await insertAnswer(tx.sql, request, answer, ctx.now());
    return { answer, replayed: false };
  });
}

/** A refusal undoes what the work had written, and drops what it would have done around the commit. */
async function attempt<C>(
  tx: C & InTransaction,
  { run, refusalOf }: Work<C>,
): Promise<KeptAnswer> {
  try {
    return await inAttempt(tx, run);
  } catch (error) {
    const refusal = await refusalOf(error);
    if (refusal === undefined) throw error;
    return refusal;
  }
}
