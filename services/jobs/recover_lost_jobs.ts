import { isFailure } from "../../lib/errors.ts";
import { dayMs } from "../../lib/time.ts";
import { authoriseSystem } from "../authorise.ts";
import { type InTransaction, inTransaction, type Needs } from "../ctx.ts";
import { isReported } from "./model/is_reported.ts";
import { patienceMs, roundsMax } from "./model/patience.ts";
import { type GivenUp, recordDeadLetter } from "./record_dead_letter.ts";
import type { JobPolicy, LostMessage } from "./schema.ts";
import { deleteAnsweredLetters } from "./store/dead_letters.ts";
import {
  deleteEndedOutbox,
  deleteForgottenOutbox,
  endOutbox,
  lockOutbox,
  reopenOutbox,
  selectUnheard,
} from "./store/outbox.ts";
import { deleteEndedRuns, endAbandonedRuns, lockRun } from "./store/runs.ts";
import { deleteUnknownSchedules } from "./store/schedules.ts";

const keepOutboxMs = 7 * dayMs;
// Far longer than QStash repeats a message: a run that is forgotten would be done again.
const keepRunsMs = 30 * dayMs;
const keepLettersMs = 90 * dayMs;
const batchMax = 500;
const deletedMax = 10_000;

type RecoverNeeds = Needs<"actor" | "database" | "log" | "newId" | "now" | "queue" | "signal">;

/** A job as far as finding its lost messages needs it. */
export interface RecoverableJob<C> extends JobPolicy {
  name: string;
  givenUp(message: LostMessage): GivenUp<C>;
}

/**
 * Finds what nobody will come back to: messages that the queue took and never delivered nor reported, and runs whose
 * holder died. The first are published anew, and are dead letters after a few rounds; the second are ended. So every
 * job ends, whatever is lost on the way. A message that was only late finds its work done.
 *
 * @returns how many messages are published anew
 */
export async function recoverLostJobs<C extends RecoverNeeds>(
  ctx: C,
  jobs: RecoverableJob<C>[],
): Promise<number> {
  authoriseSystem(ctx);
  let reopenedCount = 0;
  for (const job of jobs) {
    if (ctx.signal.aborted) break;
    for (const message of await findLost(ctx, job)) {
      try {
        if (await recover(ctx, job, message)) reopenedCount++;
      } catch (error) {
        // One message's trouble is not that of all others; somebody may only be at it.
        if (isFailure(error, "busy")) continue;
        ctx.log.error("lost job not recovered", { lost: job.name, key: message.key, error });
      }
    }
  }
  if (reopenedCount > 0) ctx.queue.nudge();
  await forget(ctx);
  return reopenedCount;
}

async function findLost<C extends RecoverNeeds>(
  ctx: C,
  job: RecoverableJob<C>,
): Promise<LostMessage[]> {
  const nowMs = ctx.now();
  const rounds = patienceMs(job);
  const [earlyMs = 0] = rounds;
  return await inTransaction(ctx, async ({ sql }) => {
    const state = isReported(job) ? "failed" : "dead";
    await endAbandonedRuns(sql, job.name, nowMs - earlyMs, { state, nowMs });
    return await selectUnheard(sql, {
      job: job.name,
      nowMs,
      patienceMs: rounds,
      rowsMax: batchMax,
    });
  });
}

/** @returns whether it is to be published anew */
async function recover<C extends RecoverNeeds>(
  ctx: C,
  job: RecoverableJob<C>,
  message: LostMessage,
): Promise<boolean> {
  if (isReported(job) && message.round >= roundsMax) {
    const reason = `Nothing was heard of it after it was published ${roundsMax + 1} times.`;
    await recordDeadLetter(
      ctx,
      { ...message, reason, status: null, attempts: 0 },
      job.givenUp(message),
    );
    return false;
  }
  return await inTransaction(ctx, async ({ sql }: InTransaction) => {
    const run = await lockRun(sql, message);
    const row = await lockOutbox(sql, message);
    // Meanwhile it was heard of, or another process has found it.
    if (!row || row.ended || row.round !== message.round) return false;
    const over = run !== undefined && run.state !== "running" && run.state !== "failed";
    if (over || !isReported(job)) {
      await endOutbox(sql, message, ctx.now());
      return false;
    }
    await reopenOutbox(sql, message, ctx.now());
    return true;
  });
}

async function forget(ctx: RecoverNeeds): Promise<void> {
  const nowMs = ctx.now();
  await inTransaction(ctx, async ({ sql }) => {
    await deleteEndedOutbox(sql, nowMs - keepOutboxMs, deletedMax);
    await deleteForgottenOutbox(sql, nowMs - keepLettersMs);
    await deleteEndedRuns(sql, nowMs - keepRunsMs, deletedMax);
    await deleteAnsweredLetters(sql, nowMs - keepLettersMs);
    await deleteUnknownSchedules(sql, nowMs - keepRunsMs);
  });
}
