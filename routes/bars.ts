import { BarsPage, BarsQuery, getBars, SymbolParam } from "../services/market_data/mod.ts";
import { answerKept } from "./http/cache_control.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";
import { typed } from "./http/typed.ts";
import { param, query } from "./http/validate.ts";

export const barDocs: RouteDocs = {
  "GET /v1/bars/:symbol": {
    summary: "What a symbol cost before: open, high, low, close, volume",
    about: "Completed bars only, the oldest first.",
    access: "quotes:read",
    answers: { 200: BarsPage, 304: null },
    problems: ["unknown_symbol", "no_price_source"],
    headers: ["If-None-Match"],
  },
};

const cacheControl = "private, max-age=60";

export const barRoutes = api()
  .get("/v1/bars/:symbol", param(SymbolParam), query(BarsQuery), async (c) => {
    const { symbol } = c.req.valid("param");
    const kept = await getBars(ctxOf(c), symbol, c.req.valid("query"));
    return await typed<BarsPage>(answerKept(c, kept, cacheControl));
  });
