import type { ErrorHandler, NotFoundHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { Failure } from "../../lib/errors.ts";
import { answerFailure } from "./answer_failure.ts";
import type { ApiEnv } from "./env.ts";

export const onError: ErrorHandler<ApiEnv> = (error, c) => {
  return answerFailure(c.env, error instanceof HTTPException ? asFailure(error) : error);
};

export const onNotFound: NotFoundHandler<ApiEnv> = (c) => {
  return answerFailure(c.env, new Failure("not_found"));
};

/** What Hono and its validators throw. */
function asFailure(error: HTTPException): Failure {
  return new Failure(error.status === 400 ? "malformed_json" : "internal", { cause: error });
}
