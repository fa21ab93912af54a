import { fail, type FailureDetails } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import { getQuote, isSymbol, symbolRule } from "../services/market_data/hot.ts";
import { getPlan } from "../services/plans/hot.ts";
import { getPreferences } from "../services/preferences/hot.ts";
import type { Address, AddressEntry } from "./http/addresses.ts";
import type { Exchange } from "./http/env.ts";
import { answerWith } from "./http/kept.ts";
import { routeMetrics } from "./http/route_metrics.ts";

export type Answer = Response | Promise<Response>;

/** Answers a read; `param` is what stands in the path for its one parameter. */
export type Read = (exchange: Exchange, headers: Headers, param: string) => Answer;

/** An address of the front: what stands before its parameter, and who answers. */
export interface HotAddress extends Address {
  prefix: string;
  hasParam: boolean;
  read: Read;
}

/** A cache of the caller's own only: a shared one would hand our data to people whom we have not let in. */
const cacheControl = "private, max-age=1";

/*
 * The reads that phones wait for, and the sign of life. They are functions of an exchange, so that the front of the
 * house can answer them before there is a router, and without one. Parameters are checked by hand, since a validator
 * is a middleware that is waited for.
 */
const readHealth: Read = () => new Response("ok");

export const readQuote: Read = (exchange, headers, symbol) => {
  if (!isSymbol(symbol)) fail("invalid_request", malformedSymbol);
  return answerWith(exchange, headers, getQuote(exchange.ctx, symbol), cacheControl);
};

export const readPreferences: Read = (exchange, headers) =>
  answerWith(exchange, headers, getPreferences(exchange.ctx), cacheControl);

export const readPlan: Read = (exchange, headers, given) => {
  const id = given.toLowerCase();
  if (!isUuid(id)) fail("not_found");
  return answerWith(exchange, headers, getPlan(exchange.ctx, id), cacheControl);
};

const malformedSymbol: FailureDetails = {
  errors: [{ path: "symbol", message: symbolRule }],
};

/** What the gate has to know of them; a test holds it against their documentation. */
export const hotAddresses: (AddressEntry & { read: Read })[] = [
  { route: "GET /healthz", isPublic: true, takesQuery: true, limit: "exempt", read: readHealth },
  forReaders("GET /v1/quotes/:symbol", "quotes:read", readQuote),
  forReaders("GET /v1/preferences", "preferences:read", readPreferences),
  forReaders("GET /v1/plans/:id", "plans:read", readPlan),
];

function forReaders(route: string, permission: string, read: Read) {
  return { route, permission, read, isPublic: false, takesQuery: false, isHot: true };
}

const known: HotAddress[] = hotAddresses.map((entry) => {
  const [method = "", path = ""] = entry.route.split(" ");
  const prefix = path.replace(/:\w+$/, "");
  return {
    ...entry,
    method,
    prefix,
    hasParam: prefix !== path,
    measured: routeMetrics(entry.route),
  };
});

/** The address of the front that a path names in its plain spelling; all other spellings are the router's. */
export function findHot(method: string, path: string): HotAddress | undefined {
  if (method !== "GET") return undefined;
  for (const address of known) {
    if (address.hasParam ? isBelow(path, address.prefix) : path === address.prefix) return address;
  }
}

/** One more segment, with nothing in it that would have to be decoded. */
function isBelow(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && path.length > prefix.length &&
    path.indexOf("/", prefix.length) === -1 && !path.includes("%");
}
