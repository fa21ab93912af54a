import type { Hono } from "hono";
import type { z } from "zod";
import { catalogue, type ErrorCode } from "../lib/errors.ts";
import type { ApiEnv } from "./http/env.ts";
import type { RouteDoc, RouteDocs } from "./http/describe.ts";
import { createSchemaBook, type Json, type SchemaBook } from "./http/json_schema.ts";
import { type Checked, checkedBy } from "./http/validate.ts";

/**
 * The OpenAPI 3.1 document, made from the mounted routes, the schemas that their validators check with, and their
 * documentation: it cannot tell of a route, a field or a limit that is not there.
 */
export function buildOpenApi(app: Hono<ApiEnv>, docs: RouteDocs, publicUrl: string): Json {
  const book = createSchemaBook();
  const paths: Record<string, Json> = {};
  for (const [route, checks] of mountedRoutes(app)) {
    const doc = docs[route];
    if (!doc) continue;
    const [method, path] = route.split(" ") as [string, string];
    const template = path.replace(/:(\w+)(\{[^}]*\})?/g, "{$1}");
    (paths[template] ??= {})[method.toLowerCase()] = operation(book, doc, method, path, checks);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Almanac",
      version: "1",
      summary: "Quotes, plans, alerts and messages of a personal-finance product.",
    },
    servers: [{ url: publicUrl }],
    paths,
    components: {
      schemas: { ...book.named(), Problem: problemSchema },
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "An access token (a JWT), or an API key (`almanac_…`).",
        },
      },
    },
  };
}

/** Every mounted route with the checks of its handlers, `"GET /v1/quotes/:symbol"` first. */
export function mountedRoutes(app: Hono<ApiEnv>): Map<string, Checked[]> {
  const routes = new Map<string, Checked[]>();
  for (const { method, path, handler } of app.routes) {
    if (method === "ALL") continue;
    const route = `${method} ${path}`;
    const checks = routes.get(route) ?? [];
    const check = checkedBy(handler);
    routes.set(route, check ? [...checks, check] : checks);
  }
  return routes;
}

function operation(
  book: SchemaBook,
  doc: RouteDoc,
  method: string,
  path: string,
  checks: Checked[],
): Json {
  const body = checks.find(({ target }) => target === "json");
  const problems = problemCodes(doc, checks, method);
  return {
    operationId: operationId(method, path),
    tags: [path.split("/")[2] ?? "root"],
    summary: doc.summary,
    ...(doc.about ? { description: doc.about } : {}),
    ...(doc.deprecated ? { deprecated: true, "x-deprecated": doc.deprecated } : {}),
    ...(doc.access === "public"
      ? { security: [] }
      : { security: [{ bearer: [] }], "x-permission": doc.access }),
    parameters: [...parameters(book, path, checks), ...headerParameters(doc)],
    ...(body ? { requestBody: requestBody(book, body.schema, doc.example) } : {}),
    responses: { ...answers(book, doc), ...problemAnswers(problems) },
  };
}

function operationId(method: string, path: string): string {
  const words = path.replace(/^\/v1/, "").split(/[^A-Za-z0-9]+/).filter(Boolean);
  return [method.toLowerCase(), ...words].join("_");
}

function parameters(book: SchemaBook, path: string, checks: Checked[]): Json[] {
  const known = checks.filter(({ target }) => target === "query" || target === "param");
  const listed = known.flatMap(({ target, schema }) => {
    const { properties = {}, required = [] } = book.schemaOf(schema, "input") as {
      properties?: Record<string, Json>;
      required?: string[];
    };
    return Object.entries(properties).map(([name, property]) => ({
      name,
      in: target === "param" ? "path" : "query",
      required: target === "param" || required.includes(name),
      schema: property,
    }));
  });
  const named = new Set(listed.map(({ name }) => name));
  const unchecked = [...path.matchAll(/:(\w+)/g)].filter(([, name]) => !named.has(name!));
  return [
    ...listed,
    ...unchecked.map(([, name]) => ({
      name,
      in: "path",
      required: true,
      schema: { type: "string" },
    })),
  ];
}

function headerParameters(doc: RouteDoc): Json[] {
  const named = (doc.headers ?? []).map((name) => ({
    name: name.replace(/\?$/, ""),
    in: "header",
    required: name === "If-Match",
    schema: { type: "string" },
  }));
  return doc.idempotent ? [...named, idempotencyKey] : named;
}

const idempotencyKey = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description:
    "Any text, new for each thing that you create. Sent again with the same body within a day, the request is " +
    "not done again: it gets the first answer, with `Idempotency-Replayed: true`.",
  schema: { type: "string", minLength: 1, maxLength: 255, pattern: "^[!-~]+$" },
};

function requestBody(book: SchemaBook, schema: z.ZodType, example: unknown): Json {
  return {
    required: true,
    content: {
      "application/json": {
        schema: book.schemaOf(schema, "input"),
        ...(example === undefined ? {} : { example }),
      },
    },
  };
}

function answers(book: SchemaBook, doc: RouteDoc): Json {
  return Object.fromEntries(
    Object.entries(doc.answers).map((
      [status, answer],
    ) => [status, answerOf(book, Number(status), answer)]),
  );
}

function answerOf(book: SchemaBook, status: number, answer: z.ZodType | string | null): Json {
  if (answer === null) return { description: status === 304 ? "Not modified" : "Done" };
  if (typeof answer === "string") return { description: answer };
  return {
    description: "The answer",
    content: { "application/json": { schema: book.schemaOf(answer, "output") } },
  };
}

function problemCodes(doc: RouteDoc, checks: Checked[], method: string): ErrorCode[] {
  const codes = new Set<ErrorCode>(doc.problems ?? []);
  if (doc.access !== "public") codes.add("not_signed_in").add("invalid_token");
  if (!["public", "person"].includes(doc.access)) codes.add("forbidden");
  if (checks.length > 0) codes.add("invalid_request");
  if (checks.some(({ target }) => target === "json")) {
    for (const code of ["malformed_json", "malformed_text", "too_deep"] as const) codes.add(code);
    codes.add("body_too_large").add("body_too_slow").add("unsupported_media_type");
  }
  if (doc.headers?.includes("If-Match") && method !== "GET") {
    codes.add("version_mismatch").add("missing_if_match");
  }
  if (doc.headers?.includes("If-Match?")) codes.add("version_mismatch");
  if (doc.idempotent) {
    codes.add("idempotency_key_running").add("idempotency_key_reused").add("invalid_request");
  }
  if (doc.limit !== "exempt") codes.add("too_many_requests");
  return [...codes.add("unavailable")];
}

function problemAnswers(codes: ErrorCode[]): Json {
  const byStatus = Map.groupBy(codes, (code) => catalogue[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [status, {
      description: group.map((code) => `\`${code}\`: ${catalogue[code].title}`).join(" "),
      content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
    }]),
  );
}

const problemSchema = {
  type: "object",
  description: "RFC 9457 problem details.",
  required: ["type", "title", "status", "code", "instance"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    code: { type: "string", enum: Object.keys(catalogue) },
    detail: { type: "string" },
    instance: { type: "string" },
    errors: {
      type: "array",
      maxItems: 20,
      items: {
        type: "object",
        required: ["path", "message"],
        properties: { path: { type: "string" }, message: { type: "string" } },
      },
    },
    "violated-policies": { type: "array", items: { type: "string" } },
  },
};
