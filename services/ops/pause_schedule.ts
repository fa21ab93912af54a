import { recordChange } from "../audit/mod.ts";
import { authorise } from "../authorise.ts";
import { asSystem, inTransaction, type Needs } from "../ctx.ts";
import { type Schedule, setSchedulePaused } from "../jobs/mod.ts";

export type PauseNeeds = Needs<
  "actor" | "database" | "log" | "newId" | "now" | "origin" | "requestId"
>;

/** Keeps the clock from starting a job until it is resumed. Staff only; `not_found`. */
export async function pauseSchedule(ctx: PauseNeeds, job: string): Promise<Schedule> {
  return await setPaused(ctx, job, true);
}

/** Lets the clock start a job again; what it missed is made up for as its schedule says. Staff only; `not_found`. */
export async function resumeSchedule(ctx: PauseNeeds, job: string): Promise<Schedule> {
  return await setPaused(ctx, job, false);
}

async function setPaused(ctx: PauseNeeds, job: string, paused: boolean): Promise<Schedule> {
  authorise(ctx, "jobs:write");
  return await inTransaction(asSystem(ctx, "pause_schedule"), async (tx) => {
    const { schedule, changed } = await setSchedulePaused(tx, job, paused);
    const action = paused ? "schedule.paused" : "schedule.resumed";
    if (changed) await recordChange({ ...tx, actor: ctx.actor }, { action, entityId: job });
    return schedule;
  });
}
