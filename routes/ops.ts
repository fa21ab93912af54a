import * as z from "zod";
import { Instant } from "../lib/instant.ts";
import {
  ErrorGroup,
  getError,
  listErrors,
  listSystemEvents,
  reopenError,
  resolveError,
  StoredEvent,
} from "../services/ops/mod.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";
import { answerPage, openPage, pageFields, pageOfSchema } from "./http/page.ts";
import { IdParam } from "./http/parameters.ts";
import { param, query } from "./http/validate.ts";

const ErrorQuery = z.strictObject({
  state: z.enum(["open", "resolved"]).optional(),
  ...pageFields,
});

const EventQuery = z.strictObject({
  severity: z.enum(["info", "warning", "error", "critical"]).optional(),
  kind: z.string().regex(/^[a-z][a-z0-9_]{0,60}$/).optional(),
  since: Instant.optional().describe("Events at or after this instant."),
  ...pageFields,
});

export const opsDocs: RouteDocs = {
  "GET /v1/errors": {
    summary: "Unexpected errors in groups, latest seen first",
    about:
      "A group is every occurrence of one error at one place in the code. Its message is kept without values.",
    access: "ops:read",
    answers: { 200: pageOfSchema(ErrorGroup) },
  },
  "GET /v1/errors/:id": {
    summary: "One group of errors",
    access: "ops:read",
    answers: { 200: ErrorGroup },
    problems: ["not_found"],
  },
  "POST /v1/errors/:id/resolve": {
    summary: "Say that an error is dealt with",
    about: "Should it occur again, it opens by itself and is counted as regressed.",
    access: "ops:write",
    answers: { 200: ErrorGroup },
    problems: ["not_found"],
  },
  "POST /v1/errors/:id/reopen": {
    summary: "Take back that an error is dealt with",
    access: "ops:write",
    answers: { 200: ErrorGroup },
    problems: ["not_found"],
  },
  "GET /v1/system-events": {
    summary: "What the product noted about itself, latest first",
    about: "Starts and stops, migrations, circuits that open and close, leases lost, dead letters.",
    access: "ops:read",
    answers: { 200: pageOfSchema(StoredEvent) },
  },
};

export const opsRoutes = api()
  .get("/v1/errors", query(ErrorQuery), async (c) => {
    return answerPage(c, await listErrors(ctxOf(c), await openPage(c, c.req.valid("query"))));
  })
  .get(
    "/v1/errors/:id",
    param(IdParam),
    async (c) => c.json(await getError(ctxOf(c), c.req.valid("param").id)),
  )
  .post(
    "/v1/errors/:id/resolve",
    param(IdParam),
    async (c) => c.json(await resolveError(ctxOf(c), c.req.valid("param").id)),
  )
  .post(
    "/v1/errors/:id/reopen",
    param(IdParam),
    async (c) => c.json(await reopenError(ctxOf(c), c.req.valid("param").id)),
  )
  .get("/v1/system-events", query(EventQuery), async (c) => {
    return answerPage(c, await listSystemEvents(ctxOf(c), await openPage(c, c.req.valid("query"))));
  });
