import type { Json } from "../http/json_schema.ts";

interface Header {
  description: string;
  schema: Json;
}

const tag = { type: "string", example: '"7"' };
const text = { type: "string" };

/** Request headers by the name that a route's documentation gives. One that is not here is some text. */
const requestHeaders: Record<string, Header> = {
  "If-Match": {
    description: "The entity tag of the version that you change, as you read it; `*` for any.",
    schema: tag,
  },
  "If-None-Match": {
    description: "Entity tags that you have: 304 where one of them is what stands there.",
    schema: tag,
  },
  "Idempotency-Key": {
    description: "A text of your own: the same one again with the same body gets the first answer.",
    schema: { type: "string", example: "8e03978e-40d5-43e8-bc93-6894a57f9324" },
  },
  Prefer: {
    description: "RFC 7240: `wait=5` waits for up to five seconds.",
    schema: { type: "string", example: "wait=5" },
  },
};

/** The OpenAPI parameter of a request header. */
export function headerParameter(given: string, method: string): Json {
  const name = given.replace(/\?$/, "");
  const known = requestHeaders[name];
  return {
    name,
    in: "header",
    required: given === "If-Match" && method !== "GET",
    ...(known ?? { description: "Sent by the caller's system.", schema: text }),
  };
}

/** Headers of answers, to which every answer refers by name. */
export const answerHeaders: Record<string, Json> = {
  "X-Request-Id": {
    description: "Names this request in our log. Yours, where you sent a harmless one.",
    required: true,
    schema: { type: "string", pattern: "^[A-Za-z0-9._-]{8,64}$", example: "3f2a9c1b7d4e-1x" },
  },
  ETag: {
    description: "Names what stands there now, for `If-Match` and `If-None-Match`.",
    required: true,
    schema: { type: "string", pattern: '^(W/)?"[^"]*"$', example: '"7"' },
  },
  Location: {
    description: "Where to read it.",
    required: true,
    schema: { type: "string", example: "/v1/alerts/019aa1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b" },
  },
  Link: {
    description: 'RFC 8288: the next page, `rel="next"`, where there is one.',
    schema: { type: "string", example: '</v1/plans?cursor=019aa1b2>; rel="next"' },
  },
  "Idempotency-Replayed": {
    description: "`true` where the key was known, and this is the first answer once more.",
    schema: { type: "string", enum: ["true"] },
  },
  Deprecation: {
    description: "RFC 9745: since when nobody should begin to use this.",
    schema: { type: "string", pattern: "^@\\d+$", example: "@1790812800" },
  },
  Sunset: {
    description: "RFC 8594: from when on this may not answer any more.",
    schema: { type: "string", example: "Thu, 01 Apr 2027 00:00:00 GMT" },
  },
  "Retry-After": {
    description: "Seconds after which it may work.",
    schema: { type: "string", pattern: "^[1-9]\\d*$", example: "1" },
  },
  "WWW-Authenticate": {
    description: "RFC 6750: how to sign in.",
    required: true,
    schema: { type: "string", example: 'Bearer error="invalid_token"' },
  },
  RateLimit: {
    description: "What is left of a limit, and for how many seconds.",
    schema: { type: "string", example: '"writes";r=99;t=42' },
  },
  "RateLimit-Policy": {
    description: "The limits that hold: so many in so many seconds.",
    schema: { type: "string", example: '"writes";q=120;w=60' },
  },
};
