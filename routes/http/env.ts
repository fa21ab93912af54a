import { type Context, Hono } from "hono";
import type { Ctx } from "../../services/ctx.ts";

/** What the gate puts beside a request. */
export interface ApiEnv {
  Variables: {
    ctx: Ctx;
    /** The handler has set every header itself, so nothing is added behind it. */
    sealed: boolean;
  };
}

/** An empty set of routes. */
export function api(): Hono<ApiEnv> {
  return new Hono<ApiEnv>();
}

/** The context of this request, with the actor that the gate found. */
export function ctxOf(c: Context<ApiEnv>): Ctx {
  return c.get("ctx");
}
