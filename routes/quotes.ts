import { fail, type FailureDetails } from "../lib/errors.ts";
import {
  getQuote,
  getQuotes,
  isSymbol,
  Quote,
  Quotes,
  QuotesQuery,
} from "../services/market_data/mod.ts";
import { answerKept } from "./http/cache_control.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";
import { query } from "./http/validate.ts";

export const quoteDocs: RouteDocs = {
  "GET /v1/quotes/:symbol": {
    summary: "What a symbol costs now",
    about: "The symbol is upper case, such as AAPL, BRK.B or BTC-USD.",
    access: "quotes:read",
    answers: { 200: Quote, 304: null },
    problems: ["unknown_symbol", "no_price_source", "invalid_request"],
    headers: ["If-None-Match"],
  },
  "GET /v1/quotes": {
    summary: "What many symbols cost now",
    about: "In the order asked, 100 at most.",
    access: "quotes:read",
    answers: { 200: Quotes, 304: null },
    headers: ["If-None-Match"],
  },
};

/** A cache of the caller's own only: a shared one would hand our data to people whom we have not let in. */
const cacheControl = "private, max-age=1";

export const quoteRoutes = api()
  // The hottest of all reads: checked by hand, since a validator is a middleware that is waited for, and answered
  // without waiting where memory has the quote.
  .get("/v1/quotes/:symbol", (c) => {
    const symbol = c.req.param("symbol");
    if (!isSymbol(symbol)) fail("invalid_request", malformedSymbol);
    if (c.req.raw.url.includes("?")) refuseParameters(Object.keys(c.req.query()));
    const kept = getQuote(ctxOf(c), symbol);
    if (!(kept instanceof Promise)) return answerKept(c, kept, cacheControl);
    return kept.then((quote) => answerKept(c, quote, cacheControl));
  })
  .get("/v1/quotes", query(QuotesQuery), async (c) => {
    const kept = await getQuotes(ctxOf(c), c.req.valid("query").symbols);
    return answerKept(c, kept, cacheControl);
  });

function refuseParameters(names: string[]): void {
  if (names.length === 0) return;
  fail("invalid_request", {
    errors: names.map((name) => ({ path: name, message: "is not known here" })),
  });
}

const malformedSymbol: FailureDetails = {
  errors: [{ path: "symbol", message: "is upper case, such as AAPL, BRK.B or BTC-USD" }],
};
