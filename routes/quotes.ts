import { getQuotes, Quote, Quotes, QuotesQuery } from "../services/market_data/mod.ts";
import { answerKept } from "./http/cache_control.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";
import { typed } from "./http/typed.ts";
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

const cacheControl = "private, max-age=1";

// The quote of one symbol is in hot.ts.
export const quoteRoutes = api()
  .get("/v1/quotes", query(QuotesQuery), async (c) => {
    const kept = await getQuotes(ctxOf(c), c.req.valid("query").symbols);
    return await typed<Quotes>(answerKept(c, kept, cacheControl));
  });
