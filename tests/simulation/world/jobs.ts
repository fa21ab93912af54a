import * as z from "zod";
import { fail } from "../../../lib/errors.ts";
import type { Ctx, InTransaction } from "../../../services/ctx.ts";
import { inTransaction } from "../../../services/ctx.ts";
import { enqueueJob } from "../../../services/jobs/mod.ts";
import type { Delivery, JobPolicy, JobSchedule } from "../../../services/jobs/mod.ts";
import { defineJob, type Job } from "../../../workers/job.ts";
import { recoverLostJobsJob } from "../../../workers/jobs.ts";
import { applyReceiptsJob, dispatchNotificationsJob } from "../../../workers/notifications.ts";
import { tickJob } from "../../../workers/tick.ts";
import { stateOf } from "../stores/state.ts";
import { transactionOf } from "../stores/tables.ts";
import { pause } from "../swapped/time.ts";
import { InjectedError } from "./injected.ts";
import { currentWorld } from "./world.ts";

export const rowsOfLongWork = 3;

/** Counts that a piece of work was done, in the transaction that does it. */
function haveEffect({ sql }: InTransaction, name: string): Promise<void> {
  const tx = transactionOf(sql);
  return tx.run("effect", () => {
    const slot = stateOf(sql).effects.slot(name);
    tx.write(slot, (tx.lock(slot) ?? 0) + 1);
  });
}

/** A job that goes wrong as the world says, at any of its steps. */
function mayFail(): void {
  const world = currentWorld();
  if (world.hits("jobHopeless")) fail("invalid_request");
  if (!world.hits("jobFails")) return;
  if (world.random.chance(0.3)) fail("unavailable");
  if (world.random.chance(0.3)) fail("busy", { retryAfterSeconds: world.random.between(1, 120) });
  throw new InjectedError("the work failed");
}

/** What people are owed where work is given up. It may fail like anything else, before it is done or after. */
async function tellGivenUp(tx: Ctx & InTransaction, _payload: unknown, key: string): Promise<void> {
  const world = currentWorld();
  if (world.hits("tellFails")) throw new InjectedError("nobody could be told");
  await haveEffect(tx, `told/${key}`);
  if (world.hits("tellFails")) throw new InjectedError("nobody could be told after all");
}

const Payload = z.object({ request: z.string(), kind: z.enum(["plain", "chain", "poison"]) });

const doOnceJob = defineJob({
  kind: "short",
  name: "do_once",
  about: "Counts how often it was done, in one transaction.",
  payload: Payload,
  retries: 2,
  timeLimitSeconds: 20,
  async run(tx, { request, kind }) {
    if (kind === "poison") fail("invalid_request");
    mayFail();
    await haveEffect(tx, request);
    mayFail();
    if (kind === "chain") {
      const payload = { request: `${request}_next`, kind: "plain" };
      await enqueueJob(tx, { job: "do_once", key: `${request}_next`, payload });
    }
  },
});

const oweOnceJob = defineJob({
  kind: "short",
  name: "owe_once",
  about: "Counts how often it was done, and how often somebody was told that it will not be.",
  payload: z.object({ request: z.string() }),
  retries: 1,
  timeLimitSeconds: 20,
  async run(tx, { request }) {
    mayFail();
    await haveEffect(tx, request);
    mayFail();
  },
  givenUp: tellGivenUp,
});

const moveRowsJob = defineJob({
  kind: "long",
  name: "move_rows",
  about: "Works on rows that are each done once.",
  payload: z.object({ request: z.string() }),
  retries: 2,
  timeLimitSeconds: 20,
  async run(ctx, { request }, _delivery, tell) {
    for (let row = 0; row < rowsOfLongWork; row++) {
      mayFail();
      await inTransaction(ctx, async (tx) => {
        if (!await isDone(tx, `${request}/${row}`)) await haveEffect(tx, `${request}/${row}`);
      });
      tell(row + 1, rowsOfLongWork);
      const { random } = currentWorld();
      // Some of it takes longer than the lease.
      if (random.chance(0.3)) await pause(random.pick([1_000, 15_000, 150_000]));
    }
  },
});

/** Locks the row's place, so that two at once follow each other. */
function isDone({ sql }: InTransaction, name: string): Promise<boolean> {
  const tx = transactionOf(sql);
  return tx.run("row done?", () => tx.lock(stateOf(sql).effects.slot(name)) !== undefined);
}

function clockJob(name: string, schedule: JobSchedule): Job {
  return defineJob({
    kind: "short",
    name,
    about: "Is started by the clock.",
    payload: z.object({}),
    retries: 1,
    timeLimitSeconds: 20,
    schedule: () => schedule,
    async run(tx: Ctx & InTransaction, _payload, { key, version }: Delivery) {
      mayFail();
      await haveEffect(tx, `${name}/${key}/${version}`);
    },
  });
}

/** The jobs of the clock, one kind of making up for what was missed each; a run has one of them, or none. */
export const clockJobs: Job[] = [
  clockJob("each_slot", { everySeconds: 120, catchUp: "each" }),
  clockJob("latest_slot", { everySeconds: 90, catchUp: "latest" }),
  clockJob("skipped_slot", { everySeconds: 90, catchUp: "skip" }),
  clockJob("short_slot", { everySeconds: 20, catchUp: "latest" }),
];

const deliveryJobs: Job[] = [
  recoverLostJobsJob(() => jobsOf(currentWorld().clockJob)),
  dispatchNotificationsJob,
  applyReceiptsJob,
  doOnceJob,
  oweOnceJob,
  moveRowsJob,
];

const byClock = new Map<Job | undefined, Job[]>();

/** All jobs of a run that has this one of the clock's jobs. */
export function jobsOf(clockJob: Job | undefined): Job[] {
  let jobs = byClock.get(clockJob);
  if (jobs === undefined) {
    const others = clockJob ? [...deliveryJobs, clockJob] : deliveryJobs;
    jobs = [tickJob(() => others), ...others];
    byClock.set(clockJob, jobs);
  }
  return jobs;
}

export function jobNamed(name: string): Job {
  return jobsOf(currentWorld().clockJob).find((job) => job.name === name) ??
    fail("poison", { detail: "No job has this name." });
}

export function policyOf(name: string): JobPolicy | undefined {
  return jobsOf(currentWorld().clockJob).find((job) => job.name === name);
}
