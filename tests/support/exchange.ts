import type { Hono } from "hono";
import type { Address } from "../../routes/http/addresses.ts";
import type { ApiEnv, Exchange } from "../../routes/http/env.ts";
import { silentLog } from "../../lib/log.ts";
import type { Ctx } from "../../services/ctx.ts";

const anywhere: Address = {
  route: "GET /anywhere",
  method: "GET",
  isPublic: true,
  takesQuery: true,
  measured: { observe() {} },
};

/** What the gate would have made of a request. */
export function exchangeOf(ctx: Partial<Ctx>): Exchange {
  return {
    ctx: { requestId: "request-1", log: silentLog, ...ctx } as Ctx,
    address: anywhere,
    path: "/anywhere",
    serveInfo: undefined,
    sealed: false,
    standing: undefined,
  };
}

/** Routes behind nothing but a context, for tests of what they do by themselves; the gate has tests of its own. */
export function reachable(app: Hono<ApiEnv>, ctx: Partial<Ctx> = {}) {
  return {
    request: async (path: string, init?: RequestInit): Promise<Response> =>
      await app.request(path, init, exchangeOf(ctx)),
    fetch: (request: Request) => app.fetch(request, exchangeOf(ctx)),
  };
}
