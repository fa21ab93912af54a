import { z } from "zod";
import { defineJob, type Job } from "../../workers/job.ts";
import { createJobDoor } from "../../workers/receive.ts";
import { asSystem, inTransaction } from "../../services/ctx.ts";
import { enqueueJob } from "../../services/jobs/mod.ts";
import { type TestApp, type TestAppOptions, withApp } from "../support/app.ts";
import { deliver, type Delivered, type DeliveryOptions, type Taker } from "../support/delivery.ts";

/** A job door over a real app's dependencies, with jobs that count what they do. */
export interface Door {
  app: TestApp;
  taker: Taker;
  /** The address of a job at this door. */
  address(job: string): string;
  /** Sends a message, signed with the current key unless `options` say otherwise. */
  send(job: string, body: unknown, options?: Partial<DeliveryOptions>): Promise<Delivered>;
  /** How often the effect of a job has been committed. */
  effects(): Promise<number>;
  /** Rows that a refused request must not have written. */
  traces(): Promise<number>;
  /** The runs of the jobs of these tests. */
  runs(): Promise<Run[]>;
}

export interface Run {
  job: string;
  key: string;
  state: string;
  attempts: number;
  errorCode: string | null;
  leased: boolean;
}

export async function withDoor(
  jobs: Job[],
  work: (door: Door) => Promise<void>,
  options: TestAppOptions = {},
): Promise<void> {
  await withApp(async (app) => {
    const { sql } = app.inspect;
    await sql`create table effects (job text, message text)`;
    await sql`grant all on effects to almanac_system`;
    const { deps, standIns: { qstash } } = app;
    const door = createJobDoor({
      publicUrl: app.url,
      verify: deps.verifyDelivery,
      context: (requestId) => deps.context(requestId, { address: "", userAgent: "qstash" }),
      atOnceMax: { short: deps.settings.jobsAtOnce, long: deps.settings.jobsAtOnce },
    }, jobs);
    const taker: Taker = (request) => door.fetch(request);
    const address = (job: string) => `${app.url}/jobs/${job}`;
    await work({
      app,
      taker,
      address,
      send: (job, body, options) =>
        deliver(taker, address(job), body, { key: qstash.currentSigningKey, ...options }),
      async effects() {
        const [row] = await sql<{ count: number }[]>`select count(*)::int as count from effects`;
        return row?.count ?? 0;
      },
      async traces() {
        const [row] = await sql<{ count: number }[]>`
          select ((select count(*) from effects) + (select count(*) from job_runs)
                + (select count(*) from dead_letters) + (select count(*) from outbox))::int as count`;
        return row?.count ?? 0;
      },
      runs: () =>
        sql<Run[]>`
          select job, key, state, attempts, error_code as "errorCode", lease_until is not null as leased
          from job_runs where job like '%_test' order by started_at, key`,
    });
  }, options);
}

/** A short job whose effect is a row, and a further job that it asks for; `during` runs before it ends. */
export function shortJob(during: () => void | Promise<void> = () => {}): Job {
  return defineJob({
    kind: "short",
    name: "short_test",
    about: "Writes a row and asks for a job.",
    payload: z.object({ message: z.string().default("") }),
    retries: 3,
    timeLimitSeconds: 30,
    async run(ctx, { message }, { key, version }) {
      await ctx.sql`insert into effects values ('short_test', ${message})`;
      await enqueueJob(ctx, { job: "apply_receipts", key, version });
      await during();
    },
  });
}

/** A long job whose effect is a row in a transaction of its own; `during` runs before that. */
export function longJob(
  during: (key: string) => void | Promise<void> = () => {},
  timeLimitSeconds = 30,
): Job {
  return defineJob({
    kind: "long",
    name: "long_test",
    about: "Writes a row.",
    payload: z.object({}),
    retries: 3,
    timeLimitSeconds,
    async run(ctx, _payload, { key }) {
      await during(key);
      await inTransaction(
        asSystem(ctx, "long_test"),
        ({ sql }) => sql`insert into effects values ('long_test', ${key})`,
      );
    },
  });
}
