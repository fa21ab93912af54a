import type { z } from "zod";
import type { Settings } from "../config.ts";
import type { Ctx, InTransaction } from "../services/ctx.ts";
import type { Delivery, JobPolicy, JobSchedule, TellProgress } from "../services/jobs/mod.ts";

interface JobFrame<Payload> {
  /** Also its address, `/jobs/<name>`, and its label in QStash. */
  name: string;
  /** One line for people. */
  about: string;
  payload: z.ZodType<Payload>;
  /**
   * How often QStash tries again, with its own waits of 12 s, 2.5 min, 30 min, 6 h, 24 h; sooner where we said that we
   * were away or full.
   */
  retries: number;
  timeLimitSeconds: number;
  flowControl?: JobPolicy["flowControl"];
  /** Let in however full the house is. */
  always?: boolean;
  /** For a job whose messages only wake it. */
  slots?: JobPolicy["slots"];
  /** When the clock starts it. */
  schedule?: (settings: Settings) => JobSchedule;
  /**
   * What is owed to whoever waits for work that will not be done: runs once, in the transaction that writes the dead
   * letter. That one is settled then: there is nothing to replay.
   */
  givenUp?(ctx: Ctx & InTransaction, payload: Payload, key: string): Promise<void>;
}

/** Work in one transaction with the mark that it was done. */
export interface ShortJob<Payload> extends JobFrame<Payload> {
  kind: "short";
  run(ctx: Ctx & InTransaction, payload: Payload, delivery: Delivery): Promise<void>;
}

/** Work on claimed rows under a lease, outside of any transaction: batches, calls to vendors. */
export interface LongJob<Payload> extends JobFrame<Payload> {
  kind: "long";
  run(ctx: Ctx, payload: Payload, delivery: Delivery, tell: TellProgress): Promise<void>;
}

/** A registered job, its payload's type hidden behind its own check. */
export type Job = (ShortJob<unknown> | LongJob<unknown>) & JobPolicy;

/** Defines a job. `run` gets a payload that has passed `payload`. */
export function defineJob<Payload>(job: ShortJob<Payload> | LongJob<Payload>): Job {
  return job as unknown as Job;
}
