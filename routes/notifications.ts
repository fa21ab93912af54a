import * as z from "zod";
import {
  Accepted,
  getNotification,
  getTrace,
  listNotifications,
  Notification,
  NotificationInput,
  sendNotification,
  statuses,
  Trace,
} from "../services/notifications/mod.ts";
import { channels, messageTypes } from "../services/preferences/mod.ts";
import type { Ctx } from "../services/ctx.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";
import { createOnce } from "./http/idempotency.ts";
import { answerPage, openPage, pageFields, pageOfSchema } from "./http/page.ts";
import { IdParam } from "./http/parameters.ts";
import { body, param, query } from "./http/validate.ts";

const NotificationQuery = z.strictObject({
  status: z.enum(statuses).optional(),
  type: z.enum(messageTypes).optional(),
  channel: z.enum(channels).optional(),
  requestId: z.uuid().optional(),
  ...pageFields,
});

export const notificationDocs: RouteDocs = {
  "POST /v1/notifications": {
    summary: "Tell somebody something",
    about:
      "For staff and services. `id` names the request; its messages are listed by `requestId`.",
    access: "notifications:write",
    answers: { 202: Accepted },
    problems: ["not_found"],
    idempotent: true,
  },
  "GET /v1/notifications": {
    summary: "Messages, latest first: your own, anyone's for staff",
    access: "notifications:read",
    answers: { 200: pageOfSchema(Notification) },
  },
  "GET /v1/notifications/:id": {
    summary: "One message over one channel",
    access: "notifications:read",
    answers: { 200: Notification },
    problems: ["not_found"],
  },
  "GET /v1/notifications/:id/trace": {
    summary: "Why a message went where it went, or why it did not",
    access: "notifications:read",
    answers: { 200: Trace },
    problems: ["not_found"],
  },
};

export const notificationRoutes = api()
  .post("/v1/notifications", body(NotificationInput), (c) => {
    const send = (ctx: Ctx) => sendNotification(ctx, c.req.valid("json"));
    return createOnce(
      c,
      send,
      (accepted) =>
        c.json(accepted, 202, { location: `/v1/notifications?requestId=${accepted.id}` }),
      { system: "send_notification" },
    );
  })
  .get("/v1/notifications", query(NotificationQuery), async (c) => {
    return answerPage(
      c,
      await listNotifications(ctxOf(c), await openPage(c, c.req.valid("query"))),
    );
  })
  .get("/v1/notifications/:id", param(IdParam), async (c) => {
    return c.json(await getNotification(ctxOf(c), c.req.valid("param").id));
  })
  .get("/v1/notifications/:id/trace", param(IdParam), async (c) => {
    return c.json(await getTrace(ctxOf(c), c.req.valid("param").id));
  });
