import type { ErrorHandler, NotFoundHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { Failure } from "../../lib/errors.ts";
import { problemResponse } from "../../lib/problem.ts";
import type { ApiEnv, Exchange } from "./env.ts";

/** Everything thrown becomes a problem document; what is not in the catalogue is a bug, logged here and only here. */
export function answerFailure(exchange: Exchange, error: unknown): Response {
  const { ctx, address } = exchange;
  const failure = error instanceof HTTPException ? asFailure(error) : error;
  const response = problemResponse(failure, ctx.requestId);
  if (response.status >= 500) {
    ctx.log.error("request failed", { route: address.route, id: ctx.requestId, error });
  }
  exchange.sealed = true;
  return response;
}

export const onError: ErrorHandler<ApiEnv> = (error, c) => answerFailure(c.env, error);

export const onNotFound: NotFoundHandler<ApiEnv> = (c) => {
  return answerFailure(c.env, new Failure("not_found"));
};

function asFailure(error: HTTPException): Failure {
  return new Failure(error.status === 400 ? "malformed_json" : "internal", { cause: error });
}
