import * as z from "zod";
import {
  changePlan,
  createPlan,
  createPlanInput,
  deletePlan,
  getVersion,
  listPlans,
  listVersions,
  plan,
  planPatch,
  planVersion,
  restoreVersion,
} from "../services/plans/mod.ts";
import { expectedVersion, versionTag } from "./http/cache_control.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";
import { createOnce } from "./http/idempotency.ts";
import { answerPage, openPage, pageOfSchema, PageQuery } from "./http/page.ts";
import { IdParam } from "./http/parameters.ts";
import { body, param, query } from "./http/validate.ts";

/** A version that no plan can have is answered like one that it has not: 404. */
const VersionParam = z.strictObject({
  id: z.uuid(),
  versionId: z.string().regex(/^[1-9]\d{0,8}$/).transform(Number),
});

export const planDocs: RouteDocs = {
  "POST /v1/plans": {
    summary: "Make a plan",
    about:
      "Amounts are per year, in today's money where inflation-linked. The first version of many.",
    access: "plans:write",
    answers: { 201: plan },
    problems: ["conflict"],
    idempotent: true,
  },
  "GET /v1/plans": {
    summary: "Your plans, latest first",
    access: "plans:read",
    answers: { 200: pageOfSchema(plan) },
  },
  "GET /v1/plans/:id": {
    summary: "A plan as it is now",
    access: "plans:read",
    answers: { 200: plan, 304: null },
    problems: ["not_found"],
    headers: ["If-None-Match"],
  },
  "PATCH /v1/plans/:id": {
    summary: "Change a plan",
    about: "A JSON merge patch, RFC 7396. Makes the plan's next version; nothing is overwritten.",
    access: "plans:write",
    answers: { 200: plan },
    problems: ["not_found"],
    headers: ["If-Match"],
  },
  "DELETE /v1/plans/:id": {
    summary: "Take a plan away, with its versions and simulations",
    access: "plans:write",
    answers: { 204: null },
    problems: ["not_found"],
    headers: ["If-Match"],
  },
  "GET /v1/plans/:id/versions": {
    summary: "Every version of a plan, latest first",
    access: "plans:read",
    answers: { 200: pageOfSchema(planVersion) },
    problems: ["not_found"],
  },
  "GET /v1/plans/:id/versions/:versionId": {
    summary: "A plan as it was",
    access: "plans:read",
    answers: { 200: planVersion },
    problems: ["not_found"],
  },
  "POST /v1/plans/:id/versions/:versionId/restore": {
    summary: "Make an earlier version the next one",
    access: "plans:write",
    answers: { 200: plan },
    problems: ["not_found"],
    headers: ["If-Match"],
    idempotent: true,
  },
};

// Reading one is in hot.ts.
export const planRoutes = api()
  .post("/v1/plans", body(createPlanInput), (c) => {
    return createOnce(
      c,
      (ctx) => createPlan(ctx, c.req.valid("json")),
      (created) =>
        c.json(created, 201, {
          etag: versionTag(created.version),
          location: `/v1/plans/${created.id}`,
        }),
    );
  })
  .get("/v1/plans", query(PageQuery), async (c) => {
    return answerPage(c, await listPlans(ctxOf(c), await openPage(c, c.req.valid("query"))));
  })
  .patch("/v1/plans/:id", param(IdParam), body(planPatch), async (c) => {
    const changed = await changePlan(
      ctxOf(c),
      c.req.valid("param").id,
      c.req.valid("json"),
      expectedVersion(c),
    );
    return c.json(changed, 200, { etag: versionTag(changed.version) });
  })
  .delete("/v1/plans/:id", param(IdParam), async (c) => {
    await deletePlan(ctxOf(c), c.req.valid("param").id, expectedVersion(c));
    return c.body(null, 204);
  })
  .get("/v1/plans/:id/versions", param(IdParam), query(PageQuery), async (c) => {
    const { id } = c.req.valid("param");
    return answerPage(c, await listVersions(ctxOf(c), id, await openPage(c, c.req.valid("query"))));
  })
  .get("/v1/plans/:id/versions/:versionId", param(VersionParam), async (c) => {
    const { id, versionId } = c.req.valid("param");
    return c.json(await getVersion(ctxOf(c), id, versionId));
  })
  .post("/v1/plans/:id/versions/:versionId/restore", param(VersionParam), (c) => {
    const { id, versionId } = c.req.valid("param");
    const expected = expectedVersion(c);
    return createOnce(c, (ctx) => restoreVersion(ctx, id, versionId, expected), (restored) => {
      return c.json(restored, 200, { etag: versionTag(restored.version) });
    });
  });
