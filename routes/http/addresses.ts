import { RegExpRouter } from "hono/router/reg-exp-router";
import { SmartRouter } from "hono/router/smart-router";
import { TrieRouter } from "hono/router/trie-router";
import { getPath } from "hono/utils/url";
import type { LimitClass } from "../../services/limits.ts";
import { deprecationHeaders, type HeaderPair } from "./deprecation.ts";
import type { RouteDocs } from "./describe.ts";
import { type RouteMetrics, routeMetrics } from "./route_metrics.ts";

/** What the gate knows of an address before anything of it runs. */
export interface Address {
  /** `GET /v1/quotes/:symbol`; the same text for every address that nobody has. */
  route: string;
  method: string;
  /** Needs no sign-in. */
  isPublic: boolean;
  /** What whoever signs in needs beside that; undefined where anybody who has signed in may ask. */
  permission?: string;
  /** Whether a query means anything here; one that means nothing is refused, not ignored. */
  takesQuery: boolean;
  /** What a call is counted as; by its method where nothing is said. */
  limit?: LimitClass;
  measured: RouteMetrics;
  /** Answers with the few headers that are promised and no other, and so without compressing. */
  isHot?: boolean;
  /** What every answer of an address carries that is on its way out. */
  deprecation?: HeaderPair[];
}

/** A route as far as the gate is concerned. */
export type AddressEntry = Omit<Address, "measured" | "method">;

export interface AddressBook {
  /** The path of a request as Hono reads it. */
  pathOf(request: Request): string;
  find(method: string, path: string): Address;
  /** The methods that an address answers. Asked where it does not answer the one that came. */
  methodsOf(path: string): string[];
}

const knownMethods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/**
 * Finds the address of a request in one step, with the router that Hono uses. Spelling cannot lead astray: it reads
 * the path as Hono does, so that what is found here is what answers.
 */
export function addressBook(entries: AddressEntry[]): AddressBook {
  const router = new SmartRouter<Address>({ routers: [new RegExpRouter(), new TrieRouter()] });
  for (const entry of entries) {
    const [method = "", path = ""] = entry.route.split(" ");
    router.add(method, path, { ...entry, method, measured: routeMetrics(entry.route) });
  }
  const known = (method: string, path: string) => router.match(method, path)[0][0]?.[0];
  return {
    pathOf: getPath,
    find(method, path) {
      return known(method === "HEAD" ? "GET" : method, path) ?? unknownAddress(path);
    },
    methodsOf: (path) => knownMethods.filter((method) => known(method, path) !== undefined),
  };
}

/**
 * Outside of `/v1` stand machines that prove themselves otherwise (the job door, webhooks), and nobody: both are left
 * to their routes. Inside, whoever is not signed in does not even learn that there is nothing.
 */
function unknownAddress(path: string): Address {
  return path.startsWith("/v1/") ? unknownInside : unknownOutside;
}

const unknownInside: Address = {
  route: "unknown",
  method: "",
  isPublic: false,
  takesQuery: true,
  measured: routeMetrics("other"),
};
const unknownOutside: Address = { ...unknownInside, isPublic: true };

/** The entries of documented routes; `takesQuery` tells whose validators read one. */
export function entriesOf(docs: RouteDocs, takesQuery: (route: string) => boolean): AddressEntry[] {
  return Object.entries(docs).map(([route, { access, deprecated, limit }]) => ({
    ...(limit ? { limit } : {}),
    ...(deprecated ? { deprecation: deprecationHeaders(deprecated) } : {}),
    route,
    isPublic: access === "public" || !route.includes(" /v1/"),
    ...(access === "public" || access === "person" ? {} : { permission: access }),
    takesQuery: takesQuery(route),
  }));
}
