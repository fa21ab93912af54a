import { getPath } from "hono/utils/url";
import { fail } from "../../lib/errors.ts";
import { safeHeaders } from "../../lib/problem.ts";
import type { Telemetry } from "../../lib/telemetry.ts";
import { verifyAccessToken } from "../../services/auth/hot.ts";
import type { Ctx, Origin, Person } from "../../services/ctx.ts";
import { accessLine, type Answered } from "./access_line.ts";
import type { AddressBook } from "./addresses.ts";
import { type AppVersionCheck, refuseOldApp } from "./app_version.ts";
import type { Cors } from "./cors.ts";
import { addHeaders } from "./deprecation.ts";
import type { Exchange } from "./env.ts";
import { answerFailure } from "./errors.ts";
import { RequestOrigin } from "./origin.ts";
import { requestIdOf } from "./request_id.ts";
import { routeMetrics } from "./route_metrics.ts";

export interface GateDeps {
  context(requestId: string, origin: Origin): Ctx;
  trustedProxies: number;
  addresses: AddressBook;
  cors: Cors;
  /** Undefined where every app is served, however old. */
  appVersion: AppVersionCheck | undefined;
  /** Undefined where OpenTelemetry is off. */
  telemetry: Telemetry | undefined;
  /** The routes, which find what the gate has made in `c.env`. */
  serve(request: Request, exchange: Exchange): Response | Promise<Response>;
}

export type Serve = (request: Request, serveInfo?: unknown) => Response | Promise<Response>;

/**
 * The one thing in front of everything: who asks, for what, under which id, and one line in the log afterwards. It is
 * a function around the routes, not a middleware among them, because a chain of middlewares costs a promise each, and
 * a read that memory can answer has nothing to wait for. Whoever is not signed in gets no further than what is public.
 */
export function gate(deps: GateDeps): Serve {
  return function passGate(request, serveInfo) {
    const startedMs = performance.now();
    const { headers, method } = request;
    const path = getPath(request);
    const origin = new RequestOrigin(headers, serveInfo, deps.trustedProxies);
    const ctx = deps.context(requestIdOf(headers), origin);
    const address = deps.addresses.find(method, path);
    const exchange = { ctx, address, serveInfo, sealed: false };
    // Read now: once a request has become a socket, its headers are gone.
    const page = deps.cors.isOpen ? headers.get("origin") : null;
    const finish = (response: Response) => {
      const finished = complete(exchange, response);
      if (page !== null) deps.cors.allow(page, finished);
      const elapsedMs = performance.now() - startedMs;
      watch(deps, exchange, { method, path, status: finished.status, elapsedMs });
      return finished;
    };
    const refuse = (error: unknown) => finish(answerFailure(exchange, error));
    try {
      const answer = deps.cors.preflight(method, headers) ??
        admitted(deps, exchange, request) ?? deps.serve(request, exchange);
      return answer instanceof Promise ? answer.then(finish, refuse) : finish(answer);
    } catch (error) {
      // Answered in here, so that a page can read the refusal and the log has its line.
      return refuse(error);
    }
  };
}

/** Measures a request that has been answered, names its span, and writes its line. */
function watch(
  { telemetry }: GateDeps,
  exchange: Exchange,
  answered: Omit<Answered, "traceId">,
): void {
  const { ctx, address } = exchange;
  const isKnown = address.method !== "";
  const measured = isKnown ? address.measured : routeMetrics(answered.method);
  measured.observe(answered.status, answered.elapsedMs);
  if (isKnown) telemetry?.describe(address.route, answered.status);
  if (!ctx.log.takes("info")) return;
  const traceId = ctx.origin.trace?.traceId ?? telemetry?.traceId();
  ctx.log.event("info", "request", accessLine(exchange, { ...answered, traceId }));
}

/** Undefined where the request may go on at once; a promise where finding out who asks takes a while. */
function admitted(
  deps: GateDeps,
  exchange: Exchange,
  request: Request,
): Promise<Response> | undefined {
  const { ctx, address } = exchange;
  refuseOld(deps, exchange, request);
  const header = request.headers.get("authorization");
  if (header === null) {
    if (!address.isPublic) fail("not_signed_in");
  } else {
    const waiting = identify(ctx, header, address.isPublic);
    if (waiting) {
      return waiting.then(() => {
        refuseForbidden(exchange);
        refuseUnknown(deps, exchange, request);
        return deps.serve(request, exchange);
      });
    }
  }
  refuseForbidden(exchange);
  refuseUnknown(deps, exchange, request);
}

/** A first wall only: every verb looks for itself as well, since not only requests call verbs. */
function refuseForbidden({ ctx: { actor }, address: { permission } }: Exchange): void {
  if (permission === undefined || actor.kind !== "person") return;
  if (!actor.permissions.has(permission)) fail("forbidden");
}

function refuseOld({ appVersion }: GateDeps, { ctx }: Exchange, request: Request): void {
  if (appVersion === undefined || !getPath(request).startsWith("/v1/")) return;
  const minimum = appVersion(ctx.origin.userAgent);
  if (minimum !== undefined) refuseOldApp(minimum);
}

/** Finds out who asks; without a promise where the token has been seen before. */
function identify(ctx: Ctx, header: string, isPublic: boolean): Promise<void> | undefined {
  // A token that has ended must not keep anybody from the addresses that need none: signing in is one of them.
  const goOn = (error: unknown) => {
    if (!isPublic) throw error;
  };
  try {
    const person = authenticate(ctx, header);
    if (person instanceof Promise) return person.then((found) => void (ctx.actor = found), goOn);
    ctx.actor = person;
  } catch (error) {
    goOn(error);
  }
}

function authenticate(ctx: Ctx, header: string): Person | Promise<Person> {
  if (header.startsWith("Bearer ")) return verifyAccessToken(ctx, header.slice(7));
  return /^bearer /i.test(header) ? verifyAccessToken(ctx, header.slice(7)) : fail("invalid_token");
}

/** A method that an address does not answer, and a query that means nothing there. */
function refuseUnknown(deps: GateDeps, { address }: Exchange, request: Request): void {
  if (!address.takesQuery && request.url.includes("?")) refuseQuery(request.url);
  if (address.method !== "" || request.method === "OPTIONS") return;
  const methods = deps.addresses.methodsOf(getPath(request));
  if (methods.length > 0) fail("method_not_allowed", { allow: methods.join(", ") });
}

function refuseQuery(url: string): void {
  const names = [...new Set(new URL(url).searchParams.keys())];
  if (names.length === 0) return;
  fail("invalid_request", {
    errors: names.slice(0, 20).map((path) => ({ path, message: "is not known here" })),
  });
}

/** Adds what a handler has not set itself: a page may bring its own content security policy. */
function complete({ address, ctx, sealed }: Exchange, response: Response): Response {
  if (address.deprecation !== undefined) addHeaders(response, address.deprecation);
  if (sealed) return response;
  const { headers } = response;
  headers.set("x-request-id", ctx.requestId);
  for (const [name, value] of safeHeaderList) {
    if (!headers.has(name)) headers.set(name, value);
  }
  return response;
}

const safeHeaderList = Object.entries(safeHeaders);
