import { catalogue, type ErrorCode } from "../../lib/errors.ts";
import type { RouteDoc } from "../http/describe.ts";
import type { Json } from "../http/json_schema.ts";
import type { Checked } from "../http/validate.ts";

/** Every code that a route can be answered with: what its documentation names, and what follows from how it is made. */
export function problemCodes(doc: RouteDoc, checks: Checked[], route: string): ErrorCode[] {
  const [method, path = ""] = route.split(" ");
  const codes = new Set<ErrorCode>(doc.problems ?? []);
  if (doc.access !== "public") codes.add("not_signed_in").add("invalid_token");
  if (!["public", "person"].includes(doc.access)) codes.add("forbidden");
  if (checks.length > 0 || path.startsWith("/v1/")) codes.add("invalid_request");
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
  if (path.startsWith("/v1/")) codes.add("app_too_old");
  return [...codes.add("unavailable")];
}

/** The answers with problems that routes share: one for each set of codes. */
export interface ProblemBook {
  /** By status, references to the answers that say which of `codes` they can carry. */
  answersOf(codes: ErrorCode[]): Record<string, Json>;
  named(): Record<string, Json>;
}

export function createProblemBook(): ProblemBook {
  const named: Record<string, Json> = {};
  return {
    answersOf(codes) {
      const byStatus = Map.groupBy(codes.toSorted(), (code) => catalogue[code].status);
      return Object.fromEntries(
        [...byStatus].map(([status, group]) => {
          const name = [status, ...group].join(".");
          named[name] ??= problemAnswer(status, group);
          return [String(status), { $ref: `#/components/responses/${name}` }];
        }),
      );
    },
    named: () => named,
  };
}

function problemAnswer(status: number, codes: ErrorCode[]): Json {
  const schema = {
    allOf: [{ $ref: "#/components/schemas/Problem" }, {
      type: "object",
      properties: { status: { const: status }, code: { enum: codes } },
    }],
  };
  return {
    description: codes.map((code) => `\`${code}\`: ${catalogue[code].title}`).join(" "),
    headers: headersOf(status),
    content: {
      "application/problem+json": {
        schema,
        examples: Object.fromEntries(codes.map((code) => [code, { value: problemExample(code) }])),
      },
    },
  };
}

function headersOf(status: number): Json {
  // A write says how its caller stands whatever becomes of it, and a final refusal is kept like any answer.
  const names = ["X-Request-Id", "RateLimit", "RateLimit-Policy"];
  if ([404, 409, 422].includes(status)) names.push("Idempotency-Replayed");
  if (status === 401) names.push("WWW-Authenticate");
  if (status === 412) names.push("ETag");
  if (status === 409 || status === 429 || status === 503) names.push("Retry-After");
  return headerReferences(names);
}

export function headerReferences(names: string[]): Json {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function problemExample(code: ErrorCode): Json {
  const { status, title } = catalogue[code];
  const errors = [{ path: "name", message: "is not known here" }];
  return {
    type: `/docs/problems#${code}`,
    title,
    status,
    code,
    instance: "urn:request:3f2a9c1b7d4e-1x",
    ...(code === "invalid_request" ? { errors } : {}),
  };
}

export const problemSchema: Json = {
  type: "object",
  description: "RFC 9457 problem details. `code` never changes; sentences may.",
  required: ["type", "title", "status", "code", "instance"],
  additionalProperties: false,
  properties: {
    type: {
      type: "string",
      description: "Where the problem is explained: `/docs/problems#` and the code.",
    },
    title: { type: "string", description: "One sentence for people." },
    status: { type: "integer", description: "The status of the answer, once more." },
    code: {
      type: "string",
      enum: Object.keys(catalogue),
      description: "What a program decides by.",
    },
    detail: { type: "string", description: "What is special about this occurrence." },
    instance: {
      type: "string",
      description: "The request's id: quote it, and we find the line of our log.",
    },
    errors: {
      type: "array",
      maxItems: 20,
      description: "The places in the request that do not fit.",
      items: {
        type: "object",
        required: ["path", "message"],
        additionalProperties: false,
        properties: { path: { type: "string" }, message: { type: "string" } },
      },
    },
    "violated-policies": {
      type: "array",
      description: "The limits that stand in the way, by the names that they have in `RateLimit`.",
      items: { type: "string" },
    },
  },
};
