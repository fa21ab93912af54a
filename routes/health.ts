import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";
import { checkDependencies, Readiness } from "../services/ops/mod.ts";

export const healthDocs: RouteDocs = {
  "GET /healthz": {
    summary: "Whether the process lives",
    access: "public",
    limit: "exempt",
    answers: { 200: { about: "It does", type: "text/plain", example: "ok" } },
  },
  "GET /readyz": {
    summary: "Whether each dependency answers, and how fast",
    about:
      "503 only where the product cannot serve at all: Redis away is degraded, Postgres away is not ready.",
    access: "public",
    limit: "exempt",
    answers: { 200: Readiness, 503: Readiness },
  },
};

export const healthRoutes = api()
  .get("/readyz", async (c) => {
    const readiness = await checkDependencies(ctxOf(c));
    return c.json(readiness, readiness.state === "down" ? 503 : 200);
  });
