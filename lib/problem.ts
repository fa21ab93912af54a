import { catalogue, type ErrorCode, Failure } from "./errors.ts";
import { rateLimitHeaders } from "./rate_limit/quota.ts";

const fieldErrorsMax = 20;

/** RFC 9457 problem details, as every error of ours is answered. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: ErrorCode;
  detail?: string;
  instance: string;
  errors?: { path: string; message: string }[];
  /** Which limits stand in the way, by the names that they have in the header; as draft-11 of RateLimit calls it. */
  "violated-policies"?: string[];
}

/**
 * The answer for a failure. `instance` is the request id, so that a person can quote it and we can find its log line.
 * An error outside the catalogue is answered as `internal`, without a word of its own text.
 */
export function problemResponse(error: unknown, requestId: string): Response {
  const failure = error instanceof Failure ? error : new Failure("internal");
  const { allow, detail, errors, etag, retryAfterSeconds, standing, upgrade } = failure.details;
  const problem: Problem = {
    type: `/docs/problems#${failure.code}`,
    title: catalogue[failure.code].title,
    status: failure.status,
    code: failure.code,
    ...(detail ? { detail } : {}),
    instance: `urn:request:${requestId}`,
    ...(errors ? { errors: errors.slice(0, fieldErrorsMax) } : {}),
    ...(standing ? { "violated-policies": [standing.quota.name] } : {}),
  };
  const headers = new Headers({ ...safeHeaders, ...(standing ? rateLimitHeaders(standing) : {}) });
  headers.set("content-type", "application/problem+json");
  headers.set("x-request-id", requestId);
  if (etag) headers.set("etag", etag);
  if (allow) headers.set("allow", allow);
  if (upgrade) headers.set("upgrade", upgrade);
  if (failure.status === 401) headers.set("www-authenticate", challenge(failure.code));
  const wait = retryAfterSeconds ?? standing?.resetSeconds ??
    (failure.status === 503 ? 1 : undefined);
  if (wait !== undefined) headers.set("retry-after", String(Math.max(1, Math.ceil(wait))));
  return new Response(JSON.stringify(problem), { status: failure.status, headers });
}

/** What every answer carries that is not on the hot path. */
export const safeHeaders: Record<string, string> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=31536000; includeSubDomains",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** RFC 6750: nothing about why, beyond the error code. */
function challenge(code: ErrorCode): string {
  return code === "invalid_token" ? 'Bearer error="invalid_token"' : "Bearer";
}
