import type { ErrorHandler, NotFoundHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { Failure } from "../../lib/errors.ts";
import { problemResponse } from "../../lib/problem.ts";
import type { ApiEnv } from "./env.ts";

/** Everything thrown becomes a problem document; what is not in the catalogue is a bug, logged here and only here. */
export const onError: ErrorHandler<ApiEnv> = (error, c) => {
  const ctx = c.get("ctx");
  const failure = error instanceof HTTPException ? asFailure(error) : error;
  const response = problemResponse(failure, ctx?.requestId ?? "unknown");
  if (response.status >= 500) {
    ctx?.log.error("request failed", { path: c.req.path, id: ctx.requestId, error });
  }
  c.set("sealed", true);
  return response;
};

export const onNotFound: NotFoundHandler<ApiEnv> = (c) => {
  c.set("sealed", true);
  return problemResponse(new Failure("not_found"), c.get("ctx")?.requestId ?? "unknown");
};

function asFailure(error: HTTPException): Failure {
  return new Failure(error.status === 400 ? "malformed_json" : "internal", { cause: error });
}
