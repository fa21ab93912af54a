import { secondMs } from "../../lib/time.ts";
import { authoriseSystem } from "../authorise.ts";
import { type InTransaction, inTransaction, type Needs } from "../ctx.ts";
import { enqueueJobs } from "./enqueue_jobs.ts";
import { dueSlots, nextDueMs } from "./model/due_slots.ts";
import { describeTiming } from "./model/slots.ts";
import type { JobSchedule } from "./schema.ts";
import { advanceSchedules, lockSchedules, syncSchedules } from "./store/schedules.ts";

export type StartNeeds = Needs<"actor" | "database" | "log" | "newId" | "now" | "queue">;

/** A job that the clock starts. */
export interface ScheduledJob {
  job: string;
  schedule: JobSchedule;
}

/**
 * Starts what is due by the clock until the next tick. A slot is started once however many ticks see it: the slot's
 * second is the version of its outbox row. The table of schedules follows the code; what was missed while nobody
 * ticked, or while staff had paused a schedule, is made up for as the schedule says.
 */
export async function startDueJobs(ctx: StartNeeds, scheduled: ScheduledJob[]): Promise<void> {
  authoriseSystem(ctx);
  await inTransaction(ctx, async (tx) => {
    await sync(tx, scheduled);
    const states = await lockSchedules(tx.sql);
    const due = scheduled.flatMap(({ job, schedule }) => {
      const state = states.get(job);
      if (state === undefined || state.paused) return [];
      return [{ job, slots: dueSlots(schedule, state.lastDueMs, ctx.now()) }];
    });
    await start(tx, due);
    // Also with nothing due: this is the sweep that publishes what a crash left in the outbox.
    tx.afterCommit(() => ctx.queue.nudge());
  });
}

async function start(
  tx: StartNeeds & InTransaction,
  due: { job: string; slots: number[] }[],
): Promise<void> {
  const requests = due.flatMap(({ job, slots }) =>
    slots.map((slotMs) => ({
      job,
      key: "schedule",
      version: Math.floor(slotMs / secondMs),
      notBeforeMs: slotMs,
    }))
  );
  if (requests.length === 0) return;
  await enqueueJobs(tx, requests);
  const advanced = due.flatMap(({ job, slots }) => {
    const lastDueMs = slots.at(-1);
    return lastDueMs === undefined ? [] : [{ job, lastDueMs }];
  });
  await advanceSchedules(tx.sql, advanced);
}

/** A job that a new version brings along is due from now on, not for the slots before it was there. */
async function sync(
  { sql, now }: StartNeeds & InTransaction,
  scheduled: ScheduledJob[],
): Promise<void> {
  const coded = scheduled.map(({ job, schedule }) => ({
    job,
    timing: describeTiming(schedule),
    catchUp: schedule.catchUp ?? "latest",
    nextDueMs: nextDueMs(schedule, now()),
  }));
  await syncSchedules(sql, coded, now() - 1);
}
