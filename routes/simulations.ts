import { etag } from "hono/etag";
import {
  awaitSimulation,
  cancelSimulation,
  listSimulations,
  simulation,
  startSimulation,
  startSimulationInput,
} from "../services/plans/mod.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";
import { createOnce } from "./http/idempotency.ts";
import { answerPage, openPage, pageOfSchema, PageQuery } from "./http/page.ts";
import { IdParam } from "./http/parameters.ts";
import { preferredWaitMs } from "./http/prefer.ts";
import { body, param, query } from "./http/validate.ts";

export const simulationDocs: RouteDocs = {
  "POST /v1/plans/:id/simulations": {
    summary: "Simulate a plan",
    about:
      "Runs in chunks behind the API. The same seed and paths give the same bytes, however they are split.",
    access: "simulations:run",
    limit: "simulations",
    answers: { 202: simulation },
    problems: ["not_found", "plan_not_simulatable"],
    idempotent: true,
  },
  "GET /v1/plans/:id/simulations": {
    summary: "The simulations of a plan, latest first",
    access: "plans:read",
    answers: { 200: pageOfSchema(simulation) },
    problems: ["not_found"],
  },
  "GET /v1/simulations/:id": {
    summary: "Status, progress and result of a simulation",
    about:
      "`Prefer: wait=5` holds the answer back for up to five seconds until the simulation has ended.",
    access: "plans:read",
    answers: { 200: simulation, 304: null },
    problems: ["not_found"],
    headers: ["If-None-Match", "Prefer"],
  },
  "DELETE /v1/simulations/:id": {
    summary: "Cancel a simulation",
    access: "simulations:run",
    answers: { 200: simulation },
    problems: ["not_found", "simulation_finished"],
  },
};

export const simulationRoutes = api()
  .post("/v1/plans/:id/simulations", param(IdParam), body(startSimulationInput), (c) => {
    const { id } = c.req.valid("param");
    return createOnce(c, (ctx) => startSimulation(ctx, id, c.req.valid("json")), (started) => {
      return c.json(started, 202, { location: `/v1/simulations/${started.id}` });
    });
  })
  .get("/v1/plans/:id/simulations", param(IdParam), query(PageQuery), async (c) => {
    const { id } = c.req.valid("param");
    return answerPage(
      c,
      await listSimulations(ctxOf(c), id, await openPage(c, c.req.valid("query"))),
    );
  })
  .get("/v1/simulations/:id", etag(), param(IdParam), async (c) => {
    const waitMs = preferredWaitMs(c.req.header("prefer"));
    return c.json(await awaitSimulation(ctxOf(c), c.req.valid("param").id, waitMs));
  })
  .delete("/v1/simulations/:id", param(IdParam), async (c) => {
    return c.json(await cancelSimulation(ctxOf(c), c.req.valid("param").id));
  });
