import * as z from "zod";
import type { Settings } from "../config.ts";
import { startDueJobs } from "../services/jobs/mod.ts";
import { defineJob, type Job } from "./job.ts";

/** The one job that QStash starts by the clock. It starts whatever else is due and sweeps the outbox. */
export function tickJob(jobs: () => Job[]): Job {
  return defineJob({
    kind: "short",
    name: "tick",
    about: "Starts what is due by the clock and publishes what a crash left in the outbox.",
    payload: z.object({}),
    retries: 0,
    timeLimitSeconds: 30,
    // The clock must not stand still because of what it has started.
    always: true,
    run: (ctx) => startDueJobs(ctx, scheduledJobs(jobs(), ctx.settings)),
  });
}

function scheduledJobs(jobs: Job[], settings: Settings) {
  return jobs.flatMap(({ name, schedule }) =>
    schedule ? [{ job: name, schedule: schedule(settings) }] : []
  );
}
