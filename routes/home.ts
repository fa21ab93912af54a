import { getHome, Home } from "../services/home/mod.ts";
import { answerKept } from "./http/cache_control.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";

export const homeDocs: RouteDocs = {
  "GET /v1/home": {
    summary: "What the first screen needs, in one call",
    about:
      "You, your watchlists with prices, your latest plans with what they come to, the inbox " +
      "and the alerts. What you may not read is left out; a price that cannot be had now is null.",
    access: "person",
    answers: { 200: Home, 304: null },
    headers: ["If-None-Match"],
  },
};

export const homeRoutes = api()
  .get("/v1/home", async (c) => answerKept(c, await getHome(ctxOf(c)), "private, max-age=1"));
