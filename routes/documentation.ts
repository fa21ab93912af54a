import type { Hono } from "hono";
import { safeHeaders } from "../lib/problem.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, type ApiEnv } from "./http/env.ts";
import { buildOpenApi } from "./openapi.ts";
import { apiReferencePage } from "./pages/api_reference.ts";

export const documentationDocs: RouteDocs = {
  "GET /openapi.json": {
    summary: "This API as an OpenAPI 3.1 document",
    access: "public",
    answers: { 200: "The document" },
  },
  "GET /docs": { summary: "This API for people", access: "public", answers: { 200: "A page" } },
};

const pagePolicy =
  "default-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

/** The reference of `app`, built at the first request and kept: it is the same until the next deploy. */
export function documentationRoutes(app: Hono<ApiEnv>, docs: RouteDocs, publicUrl: string) {
  let kept: { json: string; page: string } | undefined;
  const load = () => {
    if (kept) return kept;
    const document = buildOpenApi(app, docs, publicUrl);
    return kept = { json: JSON.stringify(document), page: apiReferencePage(document) };
  };
  return api()
    .get("/openapi.json", (c) => c.body(load().json, 200, { "content-type": "application/json" }))
    .get(
      "/docs",
      (c) => c.html(load().page, 200, { ...safeHeaders, "content-security-policy": pagePolicy }),
    );
}
