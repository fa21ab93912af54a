import * as z from "zod";
import {
  acknowledgeAlert,
  Alert,
  AlertEvent,
  AlertInput,
  AlertPatch,
  changeAlert,
  createAlert,
  deleteAlert,
  getAlert,
  getAlertHistory,
  listAlerts,
  priceAtStart,
} from "../services/alerts/mod.ts";
import { expectedVersion, versionTag } from "./http/cache_control.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";
import { createOnce } from "./http/idempotency.ts";
import { answerPage, openPage, pageOfSchema, PageQuery } from "./http/page.ts";
import { IdParam } from "./http/parameters.ts";
import { body, param, query } from "./http/validate.ts";

export const alertDocs: RouteDocs = {
  "POST /v1/alerts": {
    summary: "Be told when a price crosses a level",
    about: "Fires on the crossing, starting from the side on which the last good quote stands.",
    access: "alerts:write",
    answers: { 201: Alert },
    problems: ["alert_limit_reached", "unknown_symbol", "no_price_source", "conflict"],
    idempotent: true,
  },
  "GET /v1/alerts": {
    summary: "Your alerts, latest first",
    access: "alerts:read",
    answers: { 200: pageOfSchema(Alert) },
  },
  "GET /v1/alerts/:id": {
    summary: "One of your alerts",
    access: "alerts:read",
    answers: { 200: Alert },
    problems: ["not_found"],
  },
  "PATCH /v1/alerts/:id": {
    summary: "Change an alert",
    about:
      "A JSON merge patch, RFC 7396. Another level or direction, or switching it on, starts it anew.",
    access: "alerts:write",
    answers: { 200: Alert },
    problems: ["not_found", "alert_limit_reached", "no_price_source"],
    headers: ["If-Match"],
  },
  "DELETE /v1/alerts/:id": {
    summary: "Take an alert away",
    access: "alerts:write",
    answers: { 204: null },
    problems: ["not_found"],
    headers: ["If-Match"],
  },
  "GET /v1/alerts/:id/history": {
    summary: "Each time that an alert fired, latest first",
    access: "alerts:read",
    answers: { 200: pageOfSchema(AlertEvent) },
    problems: ["not_found"],
  },
  "POST /v1/alerts/:id/ack": {
    summary: "Say that you have seen what an alert told you",
    access: "alerts:write",
    answers: { 200: z.object({ acknowledged: z.int() }) },
    problems: ["not_found"],
  },
};

export const alertRoutes = api()
  .post("/v1/alerts", body(AlertInput), (c) => {
    const input = c.req.valid("json");
    return createOnce(c, (ctx) => createAlert(ctx, input), (alert) =>
      c.json(alert, 201, {
        etag: versionTag(alert.version),
        location: `/v1/alerts/${alert.id}`,
      }), { warm: (ctx) => priceAtStart(ctx, input.symbol) });
  })
  .get("/v1/alerts", query(PageQuery), async (c) => {
    return answerPage(c, await listAlerts(ctxOf(c), await openPage(c, c.req.valid("query"))));
  })
  .get("/v1/alerts/:id", param(IdParam), async (c) => {
    const alert = await getAlert(ctxOf(c), c.req.valid("param").id);
    return c.json(alert, 200, { etag: versionTag(alert.version) });
  })
  .patch("/v1/alerts/:id", param(IdParam), body(AlertPatch), async (c) => {
    const alert = await changeAlert(
      ctxOf(c),
      c.req.valid("param").id,
      c.req.valid("json"),
      expectedVersion(c),
    );
    return c.json(alert, 200, { etag: versionTag(alert.version) });
  })
  .delete("/v1/alerts/:id", param(IdParam), async (c) => {
    await deleteAlert(ctxOf(c), c.req.valid("param").id, expectedVersion(c));
    return c.body(null, 204);
  })
  .get("/v1/alerts/:id/history", param(IdParam), query(PageQuery), async (c) => {
    const { id } = c.req.valid("param");
    const history = await getAlertHistory(ctxOf(c), id, await openPage(c, c.req.valid("query")));
    return answerPage(c, history);
  })
  .post("/v1/alerts/:id/ack", param(IdParam), async (c) => {
    return c.json(await acknowledgeAlert(ctxOf(c), c.req.valid("param").id));
  });
