import { Failure, isFailure } from "../../../lib/errors.ts";
import { asSystem, type Ctx } from "../../../services/ctx.ts";
import {
  type Delivery,
  isReported,
  recordDeadLetter,
  recordFailedRun,
  runLongJob,
  runShortJob,
} from "../../../services/jobs/mod.ts";
import { comeAgainSeconds } from "../../../workers/come_again.ts";
import { giveUp } from "../../../workers/give_up.ts";
import type { Job } from "../../../workers/job.ts";
import { inTransaction } from "../../../services/ctx.ts";
import { endOutbox } from "../stores/outbox.ts";
import { nameOf } from "../stores/state.ts";
import { habits } from "./habits.ts";
import { isExpected, type Process } from "./process.ts";
import { jobNamed } from "./jobs.ts";

/** From taking the lease to the first line of the work. */
const stallMs = 4_000;

/** A message as the door reads it. */
export interface Incoming {
  job: string;
  key: string;
  version: number | undefined;
  /** Left out in the first one. */
  round?: number;
  payload: Record<string, unknown>;
  requestId: string | undefined;
}

export interface Answer {
  status: number;
  body: string;
  retryAfterSeconds?: number;
}

/** What `workers/receive.ts` does with a delivery whose signature is right, without HTTP around it. */
export async function receive(
  process: Process,
  incoming: Incoming,
  messageId: string,
  retried: number,
): Promise<Answer> {
  const job = jobNamed(incoming.job);
  const work = () => deliver(process, job, incoming, messageId, retried);
  if (habits.answersFirst) return await answerFirst(process, incoming, work);
  try {
    await (job.always ? work() : process.turnstiles[job.kind](work));
    return { status: 200, body: "" };
  } catch (error) {
    return answerOf(process, error, messageId, retried);
  }
}

async function answerFirst(
  { ctx }: Process,
  { job, key, version = 0 }: Incoming,
  work: () => Promise<void>,
): Promise<Answer> {
  const system = asSystem(ctx, job);
  await inTransaction(system, ({ sql }) => endOutbox(sql, { job, key, version }, ctx.now()));
  void work().catch(() => {});
  return { status: 200, body: "" };
}

async function deliver(
  process: Process,
  job: Job,
  { key, version, payload }: Incoming,
  messageId: string,
  retried: number,
): Promise<void> {
  const { ctx: base, world } = process;
  const delivery: Delivery = {
    job: job.name,
    key,
    version: version ?? Math.floor(base.now() / 60_000),
    messageId,
    retried,
    last: retried >= job.retries && !isReported(job),
  };
  const endsMs = world.nowMs + job.timeLimitSeconds * 1_000;
  const signal = {
    get aborted() {
      return world.nowMs >= endsMs;
    },
  } as AbortSignal;
  const ctx = asSystem({ ...base, signal }, job.name);
  try {
    await run(process, ctx, job, payload, delivery);
  } catch (failure) {
    const isHopeless = isFailure(failure) && !failure.retry;
    throw isHopeless ? new Failure("poison", { detail: failure.message }) : failure;
  }
}

async function run(
  process: Process,
  ctx: Ctx,
  job: Job,
  given: unknown,
  delivery: Delivery,
): Promise<void> {
  const { success, data: payload } = job.payload.safeParse(given);
  if (!success) {
    const unfit = new Failure("poison");
    await recordFailedRun(ctx, delivery, unfit);
    throw unfit;
  }
  if (job.kind === "short") {
    await runShortJob(ctx, delivery, (tx) => job.run(tx, payload, delivery));
    return;
  }
  await runLongJob(
    ctx,
    delivery,
    job.timeLimitSeconds * 1_000,
    (held, tell) => alone(process, job, delivery, () => job.run(held, payload, delivery, tell)),
  );
}

/** Two must not be at one long run, unless the first has been at it, or has stood still, for longer than its lease. */
async function alone(
  process: Process,
  { timeLimitSeconds }: Job,
  delivery: Delivery,
  work: () => Promise<void>,
): Promise<void> {
  const { world } = process;
  const name = nameOf(delivery);
  const other = world.atWork.get(name);
  const leaseMs = timeLimitSeconds * 1_000 - 2 * world.shape.skewMaxMs - stallMs;
  if (!world.injected.stall && other?.process.alive && world.nowMs - other.sinceMs < leaseMs) {
    world.violate("nobody works on a long run that somebody holds", name);
  }
  const mine = { process, sinceMs: world.nowMs };
  world.atWork.set(name, mine);
  try {
    await work();
  } finally {
    if (process.alive && world.atWork.get(name) === mine) world.atWork.delete(name);
  }
}

function answerOf(
  process: Process,
  error: unknown,
  messageId: string,
  retried: number,
): Answer {
  if (!isExpected(error)) {
    process.world.violate("nothing unexpected is thrown", String((error as Error).stack));
  }
  if (!isFailure(error)) return { status: 500, body: "internal" };
  const isUnknown = error.status === 503 || error.code === "overloaded";
  const retryAfterSeconds = isUnknown
    ? comeAgainSeconds(retried, messageId)
    : error.details.retryAfterSeconds;
  return { status: error.status, body: error.code, retryAfterSeconds };
}

/** The same for the report that a message was given up. */
export async function receiveReport(
  process: Process,
  { job, key, version = 0, payload, ...incoming }: Incoming,
  answer: Answer | undefined,
  retried: number,
): Promise<"taken"> {
  const { world } = process;
  const row = () => world.state.outbox.slots.get(nameOf({ job, key, version }))?.committed;
  const { round = 0 } = incoming;
  const isOld = (row()?.round ?? 0) > round;
  const message = {
    job,
    key,
    version,
    payload,
    round: habits.believesOldReports ? row()?.round ?? round : round,
    reason: answer?.body || "no answer",
    status: answer?.status ?? null,
    attempts: retried + 1,
  };
  const system = asSystem(process.ctx, "record_dead_letter");
  const outcome = await recordDeadLetter(
    system,
    message,
    (tx) => giveUp(tx, jobNamed(job), message),
  );
  if (isOld && outcome !== "over") {
    world.violate("the report of an older round changes nothing", nameOf(message));
  }
  return "taken";
}
