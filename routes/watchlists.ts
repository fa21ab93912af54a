import type { Context } from "hono";
import { Quotes } from "../services/market_data/mod.ts";
import {
  changeWatchlist,
  createWatchlist,
  deleteWatchlist,
  getWatchlist,
  getWatchlistQuotes,
  listWatchlists,
  refuseUnknownSymbols,
  Watchlist,
  WatchlistInput,
  WatchlistPatch,
} from "../services/watchlists/mod.ts";
import { answerKept, expectedVersion, versionTag } from "./http/cache_control.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, type ApiEnv, ctxOf } from "./http/env.ts";
import { createOnce } from "./http/idempotency.ts";
import { answerPage, openPage, pageOfSchema, PageQuery } from "./http/page.ts";
import { IdParam } from "./http/parameters.ts";
import { body, param, query } from "./http/validate.ts";

export const watchlistDocs: RouteDocs = {
  "POST /v1/watchlists": {
    summary: "Make a watchlist",
    about: "Of up to 100 symbols, each once. One that no source knows is refused with its place.",
    access: "watchlists:write",
    idempotent: true,
    answers: { 201: Watchlist },
    problems: ["watchlist_limit_reached", "no_price_source", "conflict"],
  },
  "GET /v1/watchlists": {
    summary: "Your watchlists, in your order",
    access: "watchlists:read",
    answers: { 200: pageOfSchema(Watchlist) },
  },
  "GET /v1/watchlists/:id": {
    summary: "One of your watchlists",
    access: "watchlists:read",
    answers: { 200: Watchlist, 304: null },
    problems: ["not_found"],
    headers: ["If-None-Match"],
  },
  "PATCH /v1/watchlists/:id": {
    summary: "Change a watchlist",
    about: "A JSON merge patch, RFC 7396. Only symbols that are new to the list are looked up.",
    access: "watchlists:write",
    answers: { 200: Watchlist },
    problems: ["not_found", "no_price_source"],
    headers: ["If-Match?"],
  },
  "DELETE /v1/watchlists/:id": {
    summary: "Take a watchlist away",
    access: "watchlists:write",
    answers: { 204: null },
    problems: ["not_found"],
    headers: ["If-Match?"],
  },
  "GET /v1/watchlists/:id/quotes": {
    summary: "What the symbols of a watchlist cost now",
    about: "In the order of the list. Needs `quotes:read` as well.",
    access: "watchlists:read",
    answers: { 200: Quotes, 304: null },
    problems: ["not_found"],
    headers: ["If-None-Match"],
  },
};

const cacheControl = "private, max-age=1";

export const watchlistRoutes = api()
  .post("/v1/watchlists", body(WatchlistInput), (c) => {
    const input = c.req.valid("json");
    return createOnce(
      c,
      (ctx) => createWatchlist(ctx, input),
      (watchlist) =>
        c.json(watchlist, 201, {
          etag: versionTag(watchlist.version),
          location: `/v1/watchlists/${watchlist.id}`,
        }),
      { warm: (ctx) => refuseUnknownSymbols(ctx, input.symbols) },
    );
  })
  .get("/v1/watchlists", query(PageQuery), async (c) => {
    return answerPage(c, await listWatchlists(ctxOf(c), await openPage(c, c.req.valid("query"))));
  })
  .get("/v1/watchlists/:id", param(IdParam), async (c) => {
    const watchlist = await getWatchlist(ctxOf(c), c.req.valid("param").id);
    const etag = versionTag(watchlist.version);
    return answerKept(c, { body: JSON.stringify(watchlist), etag }, cacheControl);
  })
  .patch("/v1/watchlists/:id", param(IdParam), body(WatchlistPatch), async (c) => {
    const { id } = c.req.valid("param");
    const watchlist = await changeWatchlist(ctxOf(c), id, c.req.valid("json"), sentVersion(c));
    return c.json(watchlist, 200, { etag: versionTag(watchlist.version) });
  })
  .delete("/v1/watchlists/:id", param(IdParam), async (c) => {
    await deleteWatchlist(ctxOf(c), c.req.valid("param").id, sentVersion(c));
    return c.body(null, 204);
  })
  .get("/v1/watchlists/:id/quotes", param(IdParam), async (c) => {
    const kept = await getWatchlistQuotes(ctxOf(c), c.req.valid("param").id);
    return answerKept(c, kept, cacheControl);
  });

/** The version that the caller changes; undefined, which is any, where they do not say. */
function sentVersion(c: Context<ApiEnv>): number | undefined {
  return c.req.header("if-match") === undefined ? undefined : expectedVersion(c);
}
