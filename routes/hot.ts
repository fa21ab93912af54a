import type * as z from "zod";
import { fail, type FailureDetails } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import { getQuote, isSymbol, symbolRule } from "../services/market_data/hot.ts";
import { getPlan } from "../services/plans/hot.ts";
import { getPreferences } from "../services/preferences/hot.ts";
import type { Quote } from "../services/market_data/mod.ts";
import type { plan } from "../services/plans/mod.ts";
import type { Preferences } from "../services/preferences/mod.ts";
import type { AddressEntry } from "./http/addresses.ts";
import { answerKept } from "./http/cache_control.ts";
import { api, ctxOf } from "./http/env.ts";
import { typed } from "./http/typed.ts";

/** A cache of the caller's own only: a shared one would hand our data to people whom we have not let in. */
const cacheControl = "private, max-age=1";

/**
 * The reads that phones wait for, and the sign of life: the front of the house, which answers before the rest of it
 * is loaded. Their parameters are checked by hand, since a validator is a middleware that is waited for.
 */
export const hotRoutes = api()
  .get("/healthz", (c) => c.text("ok"))
  .get("/v1/quotes/:symbol", (c) => {
    const symbol = c.req.param("symbol");
    if (!isSymbol(symbol)) fail("invalid_request", malformedSymbol);
    return typed<Quote>(answerKept(c, getQuote(ctxOf(c), symbol), cacheControl));
  })
  .get("/v1/preferences", (c) => {
    return typed<Preferences>(answerKept(c, getPreferences(ctxOf(c)), cacheControl));
  })
  .get("/v1/plans/:id", (c) => {
    const id = c.req.param("id").toLowerCase();
    if (!isUuid(id)) fail("not_found");
    return typed<z.infer<typeof plan>>(answerKept(c, getPlan(ctxOf(c), id), cacheControl));
  });

/** The same for the gate; a test holds them against their documentation. */
export const hotAddresses: AddressEntry[] = [
  { route: "GET /healthz", isPublic: true, takesQuery: true, limit: "exempt" },
  ...Object.entries({
    "GET /v1/quotes/:symbol": "quotes:read",
    "GET /v1/preferences": "preferences:read",
    "GET /v1/plans/:id": "plans:read",
  }).map(([route, permission]) => ({
    route,
    permission,
    isPublic: false,
    takesQuery: false,
    isHot: true,
  })),
];

const malformedSymbol: FailureDetails = {
  errors: [{ path: "symbol", message: symbolRule }],
};
