import type { Context, MiddlewareHandler } from "hono";
import { type ErrorCode, fail } from "../../lib/errors.ts";
import { safeHeaders } from "../../lib/problem.ts";
import { verifyAccessToken } from "../../services/auth/mod.ts";
import type { Ctx, Origin, Person } from "../../services/ctx.ts";
import { addressOf } from "./address.ts";
import type { Cors } from "./cors.ts";
import type { ApiEnv } from "./env.ts";
import { onError } from "./errors.ts";
import { requestIdOf } from "./request_id.ts";

export interface GateDeps {
  context(requestId: string, origin: Origin): Ctx;
  trustedProxies: number;
  isPublic(method: string, path: string): boolean;
  cors: Cors;
}

/**
 * The one middleware in front of everything: who asks, under which id, and one line in the log afterwards. It is one
 * because each further middleware costs half a microsecond on a path of fifteen. Whoever is not signed in gets no
 * further than the public addresses.
 */
export function gate(deps: GateDeps): MiddlewareHandler<ApiEnv> {
  return async function passGate(c, next) {
    const startedMs = performance.now();
    const { headers } = c.req.raw;
    // Read now: once a request has become a socket, its headers are gone.
    const origin = headers.get("origin");
    const ctx = deps.context(requestIdOf(headers), {
      address: addressOf(headers, c.env, deps.trustedProxies),
      userAgent: headers.get("user-agent") ?? "",
    });
    c.set("ctx", ctx);
    const preflight = deps.cors.preflight(c.req.method, headers);
    if (preflight) return preflight;
    try {
      const admitted = admit(deps, ctx, c);
      if (admitted) await admitted;
      await next();
    } catch (error) {
      // Answered in here, so that a page can read the refusal and the log has its line.
      c.res = await onError(error as Error, c);
    }
    if (!c.get("sealed")) addSafeHeaders(c.res, ctx.requestId);
    if (origin !== null) deps.cors.allow(origin, c.res);
    ctx.log.info("request", {
      id: ctx.requestId,
      method: c.req.method,
      path: c.req.path,
      status: c.res.status,
      elapsedMs: Math.round((performance.now() - startedMs) * 100) / 100,
    });
  };
}

/** Finds out who asks; without a promise where the token has been seen before. */
function admit(deps: GateDeps, ctx: Ctx, c: Context<ApiEnv>): Promise<void> | undefined {
  const header = c.req.raw.headers.get("authorization");
  if (header === null) return refuseUnlessPublic(deps, c, "not_signed_in");
  try {
    const person = authenticate(ctx, header);
    if (person instanceof Promise) {
      return person.then((found) => void (ctx.actor = found), (error) => orPublic(deps, c, error));
    }
    ctx.actor = person;
  } catch (error) {
    orPublic(deps, c, error);
  }
}

/** A token that has ended must not keep anybody from the addresses that need none: signing in is one of them. */
function orPublic(deps: GateDeps, c: Context<ApiEnv>, error: unknown): void {
  if (!deps.isPublic(c.req.method, c.req.path)) throw error;
}

function refuseUnlessPublic(deps: GateDeps, c: Context<ApiEnv>, code: ErrorCode): undefined {
  if (!deps.isPublic(c.req.method, c.req.path)) fail(code);
}

function authenticate(ctx: Ctx, header: string): Person | Promise<Person> {
  if (!/^bearer /i.test(header)) return fail("invalid_token");
  return verifyAccessToken(ctx, header.slice(7));
}

/** Adds what a handler has not set itself: a page may bring its own content security policy. */
function addSafeHeaders(response: Response, requestId: string): void {
  response.headers.set("x-request-id", requestId);
  for (const [name, value] of Object.entries(safeHeaders)) {
    if (!response.headers.has(name)) response.headers.set(name, value);
  }
}
