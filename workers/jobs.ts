import * as z from "zod";
import { deleteIdempotencyKeys, recoverLostJobs } from "../services/jobs/mod.ts";
import { giveUp } from "./give_up.ts";
import { defineJob, type Job } from "./job.ts";

const hourSeconds = 3_600;

export const deleteIdempotencyKeysJob = defineJob({
  kind: "long",
  name: "delete_idempotency_keys",
  about: "Forgets the answers that were kept for a day in case a request is sent again.",
  payload: z.object({}),
  retries: 3,
  timeLimitSeconds: 60,
  schedule: () => ({ everySeconds: hourSeconds, offsetSeconds: 17 * 60 }),
  run: async (ctx) => void await deleteIdempotencyKeys(ctx),
});

/** Finds what the queue has lost, and what a dead process has left. */
export function recoverLostJobsJob(jobs: () => Job[]): Job {
  return defineJob({
    kind: "long",
    name: "recover_lost_jobs",
    about:
      "Publishes anew what the queue has lost, ends runs whose process died, forgets old ones.",
    payload: z.object({}),
    retries: 0,
    timeLimitSeconds: 50,
    // A full house is when it is needed.
    always: true,
    schedule: () => ({ everySeconds: 60 }),
    async run(ctx) {
      const reopened = await recoverLostJobs(
        ctx,
        jobs().map((job) => ({
          ...job,
          givenUp: (message) => (tx) => giveUp(tx, job, message),
        })),
      );
      if (reopened > 0) ctx.log.warn("lost jobs published anew", { reopened });
    },
  });
}
