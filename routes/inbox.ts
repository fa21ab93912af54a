import * as z from "zod";
import {
  archiveInbox,
  getBadge,
  getInboxItem,
  InboxItem,
  InboxSelection,
  listInbox,
  readInbox,
} from "../services/notifications/mod.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";
import { answerPage, openPage, pageFields, pageOfSchema } from "./http/page.ts";
import { IdParam } from "./http/parameters.ts";
import { body, param, query } from "./http/validate.ts";

const InboxQuery = z.strictObject({
  filter: z.enum(["all", "unread", "archived"]).default("all"),
  ...pageFields,
});

const Changed = z.object({ changed: z.int() });

export const inboxDocs: RouteDocs = {
  "GET /v1/inbox": {
    summary: "Your messages in the app, latest first",
    access: "inbox:read",
    answers: { 200: pageOfSchema(InboxItem) },
  },
  "GET /v1/inbox/badge": {
    summary: "How many of them are unread",
    access: "inbox:read",
    answers: { 200: z.object({ unread: z.int() }) },
  },
  "GET /v1/inbox/items/:id": {
    summary: "One of your messages in the app",
    access: "inbox:read",
    answers: { 200: InboxItem },
    problems: ["not_found"],
  },
  "POST /v1/inbox/read": {
    summary: "Mark messages as read",
    access: "inbox:write",
    answers: { 200: Changed },
  },
  "POST /v1/inbox/archive": {
    summary: "Put messages away",
    access: "inbox:write",
    answers: { 200: Changed },
  },
};

export const inboxRoutes = api()
  .get("/v1/inbox", query(InboxQuery), async (c) => {
    return answerPage(c, await listInbox(ctxOf(c), await openPage(c, c.req.valid("query"))));
  })
  .get("/v1/inbox/badge", async (c) => c.json(await getBadge(ctxOf(c))))
  .get("/v1/inbox/items/:id", param(IdParam), async (c) => {
    return c.json(await getInboxItem(ctxOf(c), c.req.valid("param").id));
  })
  .post(
    "/v1/inbox/read",
    body(InboxSelection),
    async (c) => c.json(await readInbox(ctxOf(c), c.req.valid("json"))),
  )
  .post("/v1/inbox/archive", body(InboxSelection), async (c) => {
    return c.json(await archiveInbox(ctxOf(c), c.req.valid("json")));
  });
