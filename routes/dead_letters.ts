import * as z from "zod";
import { AnsweredInstant } from "../lib/answered.ts";
import { Instant } from "../lib/instant.ts";
import { getDeadLetter, listDeadLetters } from "../services/jobs/mod.ts";
import { replayDeadLetter, replayDeadLetters } from "../services/ops/mod.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";
import { answerPage, openPage, pageFields, pageOfSchema } from "./http/page.ts";
import { IdParam } from "./http/parameters.ts";
import { body, param, query } from "./http/validate.ts";

const filterFields = {
  job: z.string().regex(/^[a-z][a-z0-9_]{0,60}$/).optional(),
  key: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/).optional(),
  from: Instant.optional().describe("Given up at this instant or later."),
  before: Instant.optional().describe("Given up before this instant."),
  reason: z.string().min(1).max(200).optional().describe("Text in the reason."),
};

const status = z.int().min(100).max(599);

const DeadLetterQuery = z.strictObject({
  ...filterFields,
  status: z.string().regex(/^[1-5]\d\d$/).transform(Number).optional().meta({
    example: "503",
  }),
  state: z.enum(["waiting", "replayed", "settled"]).optional(),
  ...pageFields,
});

const ReplayInput = z.strictObject({
  ...filterFields,
  status: status.optional(),
  limit: z.int().min(1).max(500).default(100).describe("How many at most, oldest first."),
}).refine(({ limit: _, ...filter }) => Object.values(filter).some((value) => value !== undefined), {
  message: "say which ones: give at least one field to filter by",
}).meta({ id: "ReplayInput", example: { job: "notify_person", reason: "unavailable" } });

const DeadLetter = z.object({
  id: z.uuid(),
  job: z.string(),
  key: z.string(),
  runVersion: z.number().describe("The version of its run in /v1/jobs."),
  payload: z.record(z.string(), z.unknown()),
  reason: z.string().describe("What the last try answered."),
  status: z.number().nullable(),
  attempts: z.number(),
  state: z.enum(["waiting", "replayed", "settled"]).describe(
    "`settled`: whoever waited for its work was told; there is nothing to replay.",
  ),
  createdAt: AnsweredInstant,
  replayedAt: AnsweredInstant.nullable(),
  replay: z.object({ version: z.number(), state: z.string() }).nullable().describe(
    "The run that it was replayed as; `waiting` before that has begun.",
  ),
}).meta({ id: "DeadLetter" });

const Replayed = z.object({
  replayed: z.number(),
  waiting: z.number().describe("How many that fit still wait."),
}).meta({ id: "Replayed" });

export const deadLetterDocs: RouteDocs = {
  "GET /v1/dead-letters": {
    summary: "Messages that were given up, latest first",
    access: "jobs:read",
    answers: { 200: pageOfSchema(DeadLetter) },
  },
  "GET /v1/dead-letters/:id": {
    summary: "One message that was given up, and what became of its replay",
    access: "jobs:read",
    answers: { 200: DeadLetter },
    problems: ["not_found"],
  },
  "POST /v1/dead-letters/:id/replay": {
    summary: "Ask once more for the work of a dead letter",
    about: "A replay is a new version: what is still delivered of the old one does nothing any " +
      "more. Replaying twice is replaying once.",
    access: "jobs:write",
    answers: { 200: DeadLetter },
    problems: ["not_found"],
  },
  "POST /v1/dead-letter-replays": {
    summary: "Replay the dead letters that fit a filter",
    about:
      "The oldest first, in one transaction. Sent again, it goes on with those that still wait.",
    access: "jobs:write",
    answers: { 200: Replayed },
  },
};

export const deadLetterRoutes = api()
  .get("/v1/dead-letters", query(DeadLetterQuery), async (c) => {
    return answerPage(c, await listDeadLetters(ctxOf(c), await openPage(c, c.req.valid("query"))));
  })
  .post(
    "/v1/dead-letter-replays",
    body(ReplayInput),
    async (c) => c.json(await replayDeadLetters(ctxOf(c), c.req.valid("json"))),
  )
  .get(
    "/v1/dead-letters/:id",
    param(IdParam),
    async (c) => c.json(await getDeadLetter(ctxOf(c), c.req.valid("param").id)),
  )
  .post(
    "/v1/dead-letters/:id/replay",
    param(IdParam),
    async (c) => c.json(await replayDeadLetter(ctxOf(c), c.req.valid("param").id)),
  );
