import type { Hono } from "hono";
import { safeHeaders } from "../lib/problem.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, type ApiEnv } from "./http/env.ts";

export const documentationDocs: RouteDocs = {
  "GET /openapi.json": {
    summary: "This API as an OpenAPI 3.1 document",
    access: "public",
    answers: { 200: { about: "The document", type: "application/json" } },
  },
  "GET /docs": {
    summary: "This API for people",
    access: "public",
    answers: { 200: { about: "A page", type: "text/html" } },
  },
  "GET /docs/problems": {
    summary: "Every problem, and what to do about it",
    about: "The `type` of a problem document leads here.",
    access: "public",
    answers: { 200: { about: "A page", type: "text/html" } },
  },
};

interface Documentation {
  json: string;
  reference: string;
  problems: string;
  headers: Record<string, string>;
}

/** The documents about `app`, made and loaded at the first request and kept: they are the same until the next deploy. */
export function documentationRoutes(app: Hono<ApiEnv>, docs: RouteDocs, publicUrl: string) {
  let kept: Promise<Documentation> | undefined;
  const load = () => kept ??= document(app, docs, publicUrl);
  return api()
    .get("/openapi.json", async (c) => {
      return c.body((await load()).json, 200, { "content-type": "application/json" });
    })
    .get("/docs", async (c) => c.html((await load()).reference, 200, (await load()).headers))
    .get("/docs/problems", async (c) => {
      return c.html((await load()).problems, 200, (await load()).headers);
    });
}

/** Loads what describes and shows the API only here: whoever calls it does without. */
async function document(
  app: Hono<ApiEnv>,
  docs: RouteDocs,
  publicUrl: string,
): Promise<Documentation> {
  const [{ buildOpenApi }, { apiReferencePage }, { problemsPage }, { pagePolicy }] = await Promise
    .all([
      import("./openapi.ts"),
      import("./pages/api_reference.ts"),
      import("./pages/problems.ts"),
      import("./pages/frame.ts"),
    ]);
  const described = buildOpenApi(app, docs, publicUrl);
  return {
    json: JSON.stringify(described),
    reference: apiReferencePage(described),
    problems: problemsPage(),
    headers: { ...safeHeaders, "content-security-policy": await pagePolicy() },
  };
}
