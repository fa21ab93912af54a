export { answerOnce } from "./answer_once.ts";
export { deleteIdempotencyKeys } from "./delete_idempotency_keys.ts";
export { enqueueJob } from "./enqueue_job.ts";
export { enqueueJobs } from "./enqueue_jobs.ts";
export { findAnswer } from "./find_answer.ts";
export { type JobRun, listJobRuns } from "./list_job_runs.ts";
export { type Backlog, measureQueue, type QueueFigures } from "./measure_queue.ts";
export { measureOutbox } from "./measure_outbox.ts";
export { createNudge } from "./nudge.ts";
export { publishOutbox } from "./publish_outbox.ts";
export { type DeadMessage, recordDeadLetter } from "./record_dead_letter.ts";
export { recordFailedRun } from "./record_failed_run.ts";
export { runLongJob } from "./run_long_job.ts";
export { runShortJob } from "./run_short_job.ts";
export type {
  Delivery,
  JobMessage,
  JobPolicy,
  JobRequest,
  JobSchedule,
  KeptAnswer,
  KeyedRequest,
  Queue,
} from "./schema.ts";
export { startDueJobs } from "./start_due_jobs.ts";
export { type QstashSettings, upsertTickSchedule } from "./providers/qstash/mod.ts";
