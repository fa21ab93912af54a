import type { Hono } from "hono";
import type { z } from "zod";
import type { ApiEnv } from "./http/env.ts";
import type { RouteDoc, RouteDocs } from "./http/describe.ts";
import { createSchemaBook, type Json, type SchemaBook } from "./http/json_schema.ts";
import { mountedRoutes } from "./http/mounted_routes.ts";
import type { Checked } from "./http/validate.ts";
import { documentedAnswers } from "./openapi/answers.ts";
import { exampleOf } from "./openapi/examples.ts";
import { answerHeaders } from "./openapi/headers.ts";
import { type KnownParameters, knownParameters, parametersOf } from "./openapi/parameters.ts";
import {
  createProblemBook,
  type ProblemBook,
  problemCodes,
  problemSchema,
} from "./openapi/problems.ts";
import { tagList, tagOf } from "./openapi/tags.ts";

/**
 * The OpenAPI 3.1 document, made from the mounted routes, the schemas that their validators check with, and their
 * documentation: it cannot tell of a route, a field or a limit that is not there.
 */
export function buildOpenApi(app: Hono<ApiEnv>, docs: RouteDocs, publicUrl: string): Json {
  const book = createSchemaBook();
  const problems = createProblemBook();
  const routes = mountedRoutes(app);
  const known = knownParameters(book, routes.values());
  const paths: Record<string, Json> = {};
  for (const [route, checks] of routes) {
    const doc = docs[route];
    if (!doc) continue;
    const [method = "", path = ""] = route.split(" ");
    const template = path.replace(/:(\w+)(\{[^}]*\})?/g, "{$1}");
    const operation = operationOf({ book, problems, known, doc, route, checks });
    (paths[template] ??= {})[method.toLowerCase()] = operation;
  }
  return {
    openapi: "3.1.0",
    info: info(publicUrl),
    servers: [{ url: publicUrl }],
    tags: tagList(Object.keys(paths)),
    paths,
    components: {
      schemas: { ...book.named(), Problem: problemSchema },
      responses: problems.named(),
      headers: usedHeaders({ paths, responses: problems.named() }),
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description: "The access token of `POST /v1/auth/login`, or an API key.",
        },
      },
    },
  };
}

interface Described {
  book: SchemaBook;
  problems: ProblemBook;
  known: KnownParameters;
  doc: RouteDoc;
  route: string;
  checks: Checked[];
}

function operationOf({ book, problems, known, doc, route, checks }: Described): Json {
  const [method = "", path = ""] = route.split(" ");
  const body = checks.find(({ target }) => target === "json");
  const isOpen = doc.access === "public";
  return {
    operationId: operationId(method, path),
    tags: [tagOf(path)],
    summary: doc.summary,
    ...(doc.deprecated ? { deprecated: true, "x-deprecated": doc.deprecated } : {}),
    description: doc.about ?? `${doc.summary}.`,
    security: isOpen ? [] : [{ bearer: [] }],
    ...(isOpen ? {} : { "x-permission": doc.access }),
    parameters: parametersOf(book, route, doc, checks, known),
    ...(body ? { requestBody: requestBody(book, body.schema, doc.example) } : {}),
    responses: {
      ...problems.answersOf(problemCodes(doc, checks, route)),
      ...documentedAnswers(book, doc, method),
    },
  };
}

function operationId(method: string, path: string): string {
  const words = path.replace(/^\/v1/, "").split(/[^A-Za-z0-9]+/).filter(Boolean);
  return [method.toLowerCase(), ...words].join("_");
}

function requestBody(book: SchemaBook, taken: z.ZodType, example: unknown): Json {
  const schema = book.schemaOf(taken, "input");
  const shown = example ?? exampleOf(schema, book.named());
  return { required: true, content: { "application/json": { schema, example: shown } } };
}

/** Only those that some answer refers to, so that the document carries nothing idle. */
function usedHeaders(parts: Json): Json {
  const text = JSON.stringify(parts);
  return Object.fromEntries(
    Object.entries(answerHeaders).filter(([name]) => text.includes(`/headers/${name}"`)),
  );
}

function info(publicUrl: string): Json {
  return {
    title: "Almanac",
    version: "1",
    summary: "Quotes, plans, alerts and messages of a personal-finance product.",
    description: conventions,
    contact: { name: "Almanac", url: `${publicUrl}/docs` },
    license: { name: "Proprietary: use needs an agreement", url: `${publicUrl}/docs#terms` },
  };
}

const conventions = `
Send \`Authorization: Bearer …\` with the access token of \`POST /v1/auth/login\`, or with an API key of \`POST /v1/api-keys\`.

- **Numbers**: money and prices are decimal strings, percentages fractions (\`0.0098\` is 0.98 %).
- **Ids** are UUIDv7; you may choose the id of what you create, offline too. **Instants** are ISO 8601 in UTC, with milliseconds.
- **Problems** are \`application/problem+json\` (RFC 9457) with a stable \`code\`; \`/docs/problems\` explains each.
- **Versions**: reads carry an \`ETag\`; a write that changes a version asks for it in \`If-Match\`.
- **Lists** are \`{items, nextCursor}\`; send \`nextCursor\` back as \`cursor\` for what follows, or follow \`Link\`.
- **Retries**: send an \`Idempotency-Key\` with what creates. The same key and body get the first answer for a day.
- **Limits**: \`RateLimit\` says what is left, \`RateLimit-Policy\` what holds; after a 429 wait for \`Retry-After\` seconds.
- **Sync**: \`GET /v1/home\` fills a first screen, \`GET /v1/changes?since=\` tells what has changed since you looked.
- Fields and parameters that are not documented are refused. Every answer has an \`X-Request-Id\`: quote it to us.
`.trim();
