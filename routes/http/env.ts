import { type Context, Hono } from "hono";
import type { Ctx } from "../../services/ctx.ts";
import type { Standing } from "../../lib/rate_limit/quota.ts";
import type { Address } from "./addresses.ts";

/** One request on its way through the house: made by the gate, handed to the handler, finished by the gate. */
export interface Exchange {
  ctx: Ctx;
  address: Address;
  /** As the router reads it. */
  path: string;
  /** What `Deno.serve` knows of the connection. */
  serveInfo: unknown;
  /** The handler has set every header itself, so nothing is added behind it. */
  sealed: boolean;
  /** How the caller stands with a limit, where the answer says so. */
  standing: Standing | undefined;
}

/** What stands in `c.env` behind the gate. */
export interface ApiEnv {
  Bindings: Exchange;
}

/** An empty set of routes. */
export function api(): Hono<ApiEnv> {
  return new Hono<ApiEnv>();
}

/** The context of this request, with the actor that the gate found. */
export function ctxOf(c: Context<ApiEnv>): Ctx {
  return c.env.ctx;
}
