import * as z from "zod";
import { AnsweredInstant } from "../lib/answered.ts";
import { Instant } from "../lib/instant.ts";
import { listJobRuns, listSchedules } from "../services/jobs/mod.ts";
import { pauseSchedule, resumeSchedule } from "../services/ops/mod.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";
import { answerPage, openPage, pageFields, pageOfSchema } from "./http/page.ts";
import { param, query } from "./http/validate.ts";

const JobName = z.string().regex(/^[a-z][a-z0-9_]{0,60}$/).meta({
  example: "dispatch_notifications",
});
const RunState = z.enum(["running", "succeeded", "failed", "dead", "replaced"]);

const JobRunQuery = z.strictObject({
  name: JobName.optional(),
  key: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/).optional(),
  state: RunState.optional(),
  before: Instant.optional().describe("Runs that started before this instant."),
  ...pageFields,
});

const JobRun = z.object({
  job: z.string(),
  key: z.string(),
  version: z.number(),
  state: RunState.describe("`replaced`: it has given way to its replay."),
  attempts: z.number(),
  startedAt: AnsweredInstant,
  finishedAt: AnsweredInstant.nullable(),
  durationMs: z.number().nullable(),
  errorCode: z.string().nullable(),
  progress: z.object({ done: z.number(), total: z.number().nullable() }).nullable(),
  requestId: z.string().nullable().describe("The request that it goes back to."),
}).meta({ id: "JobRun" });

const Schedule = z.object({
  job: z.string(),
  timing: z.string().meta({ example: "every day at 03:00 UTC" }),
  catchUp: z.enum(["latest", "each", "skip"]).describe(
    "What is made up for after a pause: the latest moment that was missed, each of them, or none.",
  ),
  lastDueAt: AnsweredInstant,
  nextDueAt: AnsweredInstant.nullable(),
  paused: z.boolean(),
  pausedAt: AnsweredInstant.nullable(),
}).meta({ id: "Schedule" });

const ScheduleParam = z.strictObject({ job: JobName });

export const jobDocs: RouteDocs = {
  "GET /v1/jobs": {
    summary: "Runs of jobs, latest first",
    about: "What runs now, and how far it is, comes live over the channel `jobs` of /v1/stream.",
    access: "jobs:read",
    answers: { 200: pageOfSchema(JobRun) },
  },
  "GET /v1/schedules": {
    summary: "What the clock starts",
    access: "jobs:read",
    answers: { 200: pageOfSchema(Schedule) },
  },
  "POST /v1/schedules/:job/pause": {
    summary: "Keep the clock from starting a job",
    about: "What runs already goes on.",
    access: "jobs:write",
    answers: { 200: Schedule },
    problems: ["not_found"],
  },
  "POST /v1/schedules/:job/resume": {
    summary: "Let the clock start a job again",
    about: "What it missed is made up for as its `catchUp` says.",
    access: "jobs:write",
    answers: { 200: Schedule },
    problems: ["not_found"],
  },
};

export const jobRoutes = api()
  .get("/v1/jobs", query(JobRunQuery), async (c) => {
    return answerPage(c, await listJobRuns(ctxOf(c), await openPage(c, c.req.valid("query"))));
  })
  .get("/v1/schedules", async (c) => c.json(await listSchedules(ctxOf(c))))
  .post(
    "/v1/schedules/:job/pause",
    param(ScheduleParam),
    async (c) => c.json(await pauseSchedule(ctxOf(c), c.req.valid("param").job)),
  )
  .post(
    "/v1/schedules/:job/resume",
    param(ScheduleParam),
    async (c) => c.json(await resumeSchedule(ctxOf(c), c.req.valid("param").job)),
  );
