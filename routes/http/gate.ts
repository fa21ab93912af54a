import { fail, Failure, isFailure } from "../../lib/errors.ts";
import { safeHeaders } from "../../lib/problem.ts";
import { rateLimitHeaders, type Standing } from "../../lib/rate_limit/quota.ts";
import type { Telemetry } from "../../lib/telemetry.ts";
import { verifyAccessToken } from "../../services/auth/hot.ts";
import type { Ctx, Origin, Person } from "../../services/ctx.ts";
import { defaultLimit, type Limits } from "../../services/limits.ts";
import { accessLine } from "./access_line.ts";
import type { Address } from "./addresses.ts";
import { answerFailure } from "./answer_failure.ts";
import { type AppVersionCheck, refuseOldApp } from "./app_version.ts";
import { compress } from "./compress.ts";
import type { Cors } from "./cors.ts";
import { addHeaders } from "./deprecation.ts";
import type { Exchange } from "./env.ts";
import { RequestOrigin } from "./origin.ts";
import { requestIdOf } from "./request_id.ts";
import { routeMetrics } from "./route_metrics.ts";

export interface GateDeps {
  context(requestId: string, origin: Origin): Ctx;
  trustedProxies: number;
  /** The methods that an address answers. Asked where it does not answer the one that came. */
  methodsOf(path: string): string[];
  cors: Cors;
  limits: Limits;
  /** Undefined where every app is served, however old. */
  appVersion: AppVersionCheck | undefined;
  /** Undefined where OpenTelemetry is off. */
  telemetry: Telemetry | undefined;
  /** The routes, which find what the gate has made in `c.env`. */
  serve(request: Request, exchange: Exchange): Response | Promise<Response>;
}

/** Lets a request in whose address has been found by its path. */
export type Pass = (
  request: Request,
  serveInfo: unknown,
  path: string,
  address: Address,
) => Response | Promise<Response>;

/**
 * The one thing in front of everything: who asks, for what, how often, under which id, and one line in the log
 * afterwards. It is a function around the routes, not a middleware among them, because a chain of middlewares costs a
 * promise each, and a read that memory can answer has nothing to wait for. Whoever is not signed in gets no further
 * than what is public.
 */
export function gate(deps: GateDeps): Pass {
  return function passGate(request, serveInfo, path, address) {
    const { headers, method } = request;
    const origin = new RequestOrigin(headers, serveInfo, deps.trustedProxies);
    const passage: Passage = {
      startedMs: performance.now(),
      method,
      // Read now: once a request has become a socket, its headers are gone.
      page: deps.cors.isOpen ? headers.get("origin") : null,
      coding: address.isHot ? null : headers.get("accept-encoding"),
      ctx: deps.context(requestIdOf(headers), origin),
      address,
      path,
      serveInfo,
      sealed: false,
      standing: undefined,
    };
    try {
      const answer = deps.cors.preflight(method, headers) ?? proceed(deps, passage, request);
      if (!(answer instanceof Promise)) return settle(deps, passage, answer);
      return answer.then((response) => settle(deps, passage, response))
        .catch((error) => finish(deps, passage, answerFailure(passage, error)));
    } catch (error) {
      // Answered in here, so that a page can read the refusal and the log has its line.
      return finish(deps, passage, answerFailure(passage, error));
    }
  };
}

/** An exchange with what only the gate needs of the request, before and after the routes. */
interface Passage extends Exchange {
  startedMs: number;
  method: string;
  /** The origin of the page that asks; null where no page may. */
  page: string | null;
  /** What the caller takes beside plain bytes; null where that does not matter. */
  coding: string | null;
}

function settle(deps: GateDeps, passage: Passage, response: Response): Answer {
  return isForgery(passage, response)
    ? refuseForgery(deps, passage, response).then((refusal) => finish(deps, passage, refusal))
    : finish(deps, passage, response);
}

function finish(deps: GateDeps, passage: Passage, response: Response): Answer {
  const { page, coding, method, address } = passage;
  const finished = complete(passage, response);
  if (page !== null) deps.cors.allow(page, finished);
  watch(deps, passage, finished.status);
  return address.isHot ? finished : compress(finished, method, coding);
}

type Answer = Response | Promise<Response>;

function proceed(deps: GateDeps, exchange: Exchange, request: Request): Answer {
  refuseOld(deps, exchange);
  const identifying = identify(deps, exchange, request.headers.get("authorization"));
  return identifying
    ? identifying.then(() => count(deps, exchange, request))
    : count(deps, exchange, request);
}

function refuseOld({ appVersion }: GateDeps, { ctx, path }: Exchange): void {
  if (appVersion === undefined || !path.startsWith("/v1/")) return;
  const minimum = appVersion(ctx.origin.userAgent);
  if (minimum !== undefined) refuseOldApp(minimum);
}

/** Finds out who asks; without a promise where the token has been seen before, or there is none. */
function identify(
  deps: GateDeps,
  exchange: Exchange,
  header: string | null,
): Promise<void> | undefined {
  if (header === null) return;
  const { ctx } = exchange;
  const unknown = (error: unknown) => refuseForger(deps, exchange, error);
  try {
    const person = authenticate(ctx, header);
    if (person instanceof Promise) return person.then((found) => void (ctx.actor = found), unknown);
    ctx.actor = person;
  } catch (error) {
    return unknown(error);
  }
}

function authenticate(ctx: Ctx, header: string): Person | Promise<Person> {
  if (header.startsWith("Bearer ")) return verifyAccessToken(ctx, header.slice(7));
  return /^bearer /i.test(header) ? verifyAccessToken(ctx, header.slice(7)) : fail("invalid_token");
}

/**
 * A token that is not good must not keep anybody from the addresses that need none: signing in is one of them.
 * Elsewhere it counts against the address that brought it, unless it was good until it expired: that is what a phone
 * sends after a night.
 */
async function refuseForger(
  { limits }: GateDeps,
  { ctx, address }: Exchange,
  error: unknown,
): Promise<void> {
  if (address.isPublic) return;
  const forged = isFailure(error, "invalid_token") && !hasExpired(error);
  const standing = forged ? await limits.countForgery(ctx.origin.address) : undefined;
  throw standing ? new Failure("too_many_requests", { standing }) : error;
}

/** The signature is checked before the dates. */
function hasExpired({ details }: Failure): boolean {
  return (details.cause as { code?: string } | undefined)?.code === "ERR_JWT_EXPIRED";
}

/** Counts the call, at once where memory can: reads of people cost no round trip. */
function count(deps: GateDeps, exchange: Exchange, request: Request): Answer {
  const { ctx, address } = exchange;
  const limit = address.limit ?? defaultLimit(request.method);
  const counted = deps.limits.admit(limit, ctx.actor, ctx.origin);
  return counted instanceof Promise
    ? counted.then((standing) => enter(deps, exchange, request, standing))
    : enter(deps, exchange, request, counted);
}

/** The last that is looked at before the routes: what the caller may, and what the address understands. */
function enter(
  deps: GateDeps,
  exchange: Exchange,
  request: Request,
  standing: Standing | undefined,
): Answer {
  const { ctx: { actor }, address } = exchange;
  exchange.standing = standing;
  if (standing?.admitted === false) fail("too_many_requests", { standing });
  if (actor.kind !== "person") {
    if (!address.isPublic) fail("not_signed_in");
  } else if (address.permission !== undefined && !actor.permissions.has(address.permission)) {
    // A first wall only: every verb looks for itself as well, since not only requests call verbs.
    fail("forbidden");
  }
  if (!address.takesQuery && request.url.includes("?")) refuseQuery(request.url);
  if (address.method === "" && request.method !== "OPTIONS") refuseMethod(deps, exchange);
  return deps.serve(request, exchange);
}

function refuseQuery(url: string): void {
  const names = [...new Set(new URL(url).searchParams.keys())];
  if (names.length === 0) return;
  fail("invalid_request", {
    errors: names.slice(0, 20).map((name) => ({
      path: name.slice(0, 200),
      message: "is not known here",
    })),
  });
}

/** Where the address answers other methods than this one. */
function refuseMethod({ methodsOf }: GateDeps, { path }: Exchange): void {
  const methods = methodsOf(path);
  if (methods.length > 0) fail("method_not_allowed", { allow: methods.join(", ") });
}

/** Doors that take a signature or a refresh token look at it themselves: what they refuse is counted here. */
function isForgery({ address: { limit } }: Exchange, { status }: Response): boolean {
  return status === 401 && (limit === "signed" || limit === "refresh");
}

async function refuseForgery(
  { limits }: GateDeps,
  exchange: Exchange,
  response: Response,
): Promise<Response> {
  const standing = await limits.countForgery(exchange.ctx.origin.address);
  if (standing === undefined) return response;
  return answerFailure(exchange, new Failure("too_many_requests", { standing }));
}

/** Adds what a handler has not set itself: a page may bring its own content security policy. */
function complete({ address, ctx, sealed, standing }: Exchange, response: Response): Response {
  if (address.deprecation !== undefined) addHeaders(response, address.deprecation);
  if (standing !== undefined) addLimitHeaders(response, standing);
  if (sealed) return response;
  const { headers } = response;
  headers.set("x-request-id", ctx.requestId);
  for (const [name, value] of safeHeaderList) {
    if (!headers.has(name)) headers.set(name, value);
  }
  return response;
}

/** A refusal says which limit it is about, and that stays. */
function addLimitHeaders({ headers }: Response, standing: Standing): void {
  if (headers.has("ratelimit")) return;
  for (const [name, value] of Object.entries(rateLimitHeaders(standing))) headers.set(name, value);
}

const safeHeaderList = Object.entries(safeHeaders);

/** Measures a request that has been answered, names its span, and writes its line. */
function watch({ telemetry }: GateDeps, passage: Passage, status: number): void {
  const { ctx, address, method, path, startedMs } = passage;
  const elapsedMs = performance.now() - startedMs;
  const isKnown = address.method !== "";
  const measured = isKnown ? address.measured : routeMetrics(method);
  measured.observe(status, elapsedMs);
  if (isKnown) telemetry?.describe(address.route, status);
  if (!ctx.log.takes("info")) return;
  const traceId = ctx.origin.trace?.traceId ?? telemetry?.traceId();
  const line = accessLine(passage, { method, path, status, elapsedMs, traceId });
  ctx.log.line("info", "request", line);
}
