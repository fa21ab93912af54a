import { dayMs } from "../../lib/time.ts";
import { authoriseSystem } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { enqueueJob } from "./enqueue_job.ts";
import { dueSlots } from "./model/due_slots.ts";
import type { JobSchedule } from "./schema.ts";
import {
  advanceSchedule,
  deletePublishedBefore,
  deleteSucceededBefore,
  lockSchedule,
} from "./store.ts";

const keepPublishedMs = 7 * dayMs;
// Far longer than QStash repeats a message: a run that is forgotten would be done again.
const keepSucceededMs = 30 * dayMs;

type StartNeeds = Needs<"actor" | "database" | "log" | "newId" | "now" | "queue">;

/**
 * Starts what is due by the clock until the next tick. A slot is started once however many ticks see it: the slot's
 * second is the version of its outbox row. Missed slots of a job are made up for by its latest one.
 */
export async function startDueJobs(
  ctx: StartNeeds,
  scheduled: { job: string; schedule: JobSchedule }[],
): Promise<void> {
  authoriseSystem(ctx);
  await inTransaction(ctx, async (tx) => {
    for (const { job, schedule } of scheduled) {
      const { lastDueMs, paused } = await lockSchedule(tx.sql, job, ctx.now() - 1);
      const slots = paused ? [] : dueSlots(schedule, lastDueMs, ctx.now());
      for (const slotMs of slots) {
        const version = Math.floor(slotMs / 1_000);
        await enqueueJob(tx, { job, key: "schedule", version, notBeforeMs: slotMs });
      }
      const last = slots.at(-1);
      if (last !== undefined) await advanceSchedule(tx.sql, job, last);
    }
    await deletePublishedBefore(tx.sql, ctx.now() - keepPublishedMs);
    await deleteSucceededBefore(tx.sql, ctx.now() - keepSucceededMs);
    // Also with nothing due: this is the sweep that publishes what a crash left in the outbox.
    tx.afterCommit(() => ctx.queue.nudge());
  });
}
