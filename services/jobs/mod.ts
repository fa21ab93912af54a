export { answerOnce } from "./answer_once.ts";
export { deleteIdempotencyKeys } from "./delete_idempotency_keys.ts";
export { enqueueJob } from "./enqueue_job.ts";
export { enqueueJobs } from "./enqueue_jobs.ts";
export { findAnswer } from "./find_answer.ts";
export { getDeadLetter } from "./get_dead_letter.ts";
export { isReported } from "./model/is_reported.ts";
export { listDeadLetters } from "./list_dead_letters.ts";
export { type JobRun, listJobRuns } from "./list_job_runs.ts";
export { listRunningJobs } from "./list_running_jobs.ts";
export { listSchedules, type Schedule } from "./list_schedules.ts";
export { type Backlog, measureQueue, type QueueFigures } from "./measure_queue.ts";
export { measureOutbox } from "./measure_outbox.ts";
export { createNudge } from "./nudge.ts";
export { publishOutbox } from "./publish_outbox.ts";
export { type DeadMessage, type GivenUp, recordDeadLetter } from "./record_dead_letter.ts";
export { recordFailedRun } from "./record_failed_run.ts";
export { type RecoverableJob, recoverLostJobs } from "./recover_lost_jobs.ts";
export { replayDeadLetter } from "./replay_dead_letter.ts";
export { replayDeadLetters } from "./replay_dead_letters.ts";
export { runLongJob } from "./run_long_job.ts";
export { runShortJob } from "./run_short_job.ts";
export type {
  DeadLetter,
  DeadLetterFilter,
  Delivery,
  JobMessage,
  JobPolicy,
  JobRequest,
  JobSchedule,
  KeptAnswer,
  KeyedRequest,
  LostMessage,
  Queue,
  ReplaySummary,
  TellProgress,
} from "./schema.ts";
export { setSchedulePaused } from "./set_schedule_paused.ts";
export { type ScheduledJob, startDueJobs } from "./start_due_jobs.ts";
export { type QstashSettings, upsertTickSchedule } from "./providers/qstash/mod.ts";
