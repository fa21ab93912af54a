import * as z from "zod";
import {
  archiveInbox,
  getBadge,
  InboxItem,
  InboxSelection,
  listInbox,
  readInbox,
} from "../services/notifications/mod.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";
import { Limit } from "./http/parameters.ts";
import { body, query } from "./http/validate.ts";

const InboxQuery = z.strictObject({
  filter: z.enum(["all", "unread", "archived"]).default("all"),
  cursor: z.uuid().optional(),
  limit: Limit,
});

const Changed = z.object({ changed: z.int() });

export const inboxDocs: RouteDocs = {
  "GET /v1/inbox": {
    summary: "Your messages in the app, latest first",
    access: "inbox:read",
    answers: { 200: z.object({ items: z.array(InboxItem), nextCursor: z.string().nullable() }) },
  },
  "GET /v1/inbox/badge": {
    summary: "How many of them are unread",
    access: "inbox:read",
    answers: { 200: z.object({ unread: z.int() }) },
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
  .get(
    "/v1/inbox",
    query(InboxQuery),
    async (c) => c.json(await listInbox(ctxOf(c), c.req.valid("query"))),
  )
  .get("/v1/inbox/badge", async (c) => c.json(await getBadge(ctxOf(c))))
  .post(
    "/v1/inbox/read",
    body(InboxSelection),
    async (c) => c.json(await readInbox(ctxOf(c), c.req.valid("json"))),
  )
  .post("/v1/inbox/archive", body(InboxSelection), async (c) => {
    return c.json(await archiveInbox(ctxOf(c), c.req.valid("json")));
  });
