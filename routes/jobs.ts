import * as z from "zod";
import { AnsweredInstant } from "../lib/answered.ts";
import { Instant } from "../lib/instant.ts";
import { listJobRuns } from "../services/jobs/mod.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";
import { answerPage, openPage, pageFields, pageOfSchema } from "./http/page.ts";
import { query } from "./http/validate.ts";

const JobRunQuery = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,60}$/).optional(),
  state: z.enum(["running", "succeeded", "failed", "dead"]).optional(),
  before: Instant.optional().describe("Runs that started before this instant."),
  ...pageFields,
});

const JobRun = z.object({
  job: z.string(),
  key: z.string(),
  version: z.number(),
  state: z.enum(["running", "succeeded", "failed", "dead"]),
  attempts: z.number(),
  startedAt: AnsweredInstant,
  finishedAt: AnsweredInstant.nullable(),
  durationMs: z.number().nullable(),
  errorCode: z.string().nullable(),
}).meta({ id: "JobRun" });

export const jobDocs: RouteDocs = {
  "GET /v1/jobs": {
    summary: "Runs of jobs, latest first",
    access: "jobs:read",
    answers: { 200: pageOfSchema(JobRun) },
  },
};

export const jobRoutes = api()
  .get("/v1/jobs", query(JobRunQuery), async (c) => {
    return answerPage(c, await listJobRuns(ctxOf(c), await openPage(c, c.req.valid("query"))));
  });
