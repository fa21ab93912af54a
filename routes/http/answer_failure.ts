import { problemResponse } from "../../lib/problem.ts";
import type { Exchange } from "./env.ts";

/** Everything thrown becomes a problem document; what is not in the catalogue is a bug, logged here and only here. */
export function answerFailure(exchange: Exchange, error: unknown): Response {
  const { ctx, address } = exchange;
  const response = problemResponse(error, ctx.requestId);
  if (response.status >= 500) {
    ctx.log.error("request failed", { route: address.route, id: ctx.requestId, error });
  }
  exchange.sealed = true;
  return response;
}
