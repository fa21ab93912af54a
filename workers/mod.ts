import type { JobPolicy } from "../services/jobs/mod.ts";
import { judgeAlertsJob } from "./alerts.ts";
import {
  announceRevocationsJob,
  deleteEndedSessionsJob,
  deleteOldApiKeysJob,
  rotateSigningKeysJob,
} from "./auth.ts";
import type { Job } from "./job.ts";
import { deleteIdempotencyKeysJob, recoverLostJobsJob } from "./jobs.ts";
import { applyReceiptsJob, dispatchNotificationsJob, notifyPersonJob } from "./notifications.ts";
import { deleteOldNotesJob } from "./ops.ts";
import { finishSimulationJob, runSimulationChunkJob } from "./plans.ts";
import { tickJob } from "./tick.ts";

/** Every job there is. One line adds one. */
export const jobs: Job[] = [
  tickJob(() => jobs),
  recoverLostJobsJob(() => jobs),
  deleteIdempotencyKeysJob,
  announceRevocationsJob,
  rotateSigningKeysJob,
  deleteEndedSessionsJob,
  deleteOldApiKeysJob,
  notifyPersonJob,
  dispatchNotificationsJob,
  applyReceiptsJob,
  runSimulationChunkJob,
  finishSimulationJob,
  judgeAlertsJob,
  deleteOldNotesJob,
];

const byName = new Map(jobs.map((job) => [job.name, job]));

/** How QStash should treat a job's messages; undefined for a job that nobody knows. */
export function policyOf(name: string): JobPolicy | undefined {
  return byName.get(name);
}
