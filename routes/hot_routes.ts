import type * as z from "zod";
import type { Quote } from "../services/market_data/mod.ts";
import type { plan } from "../services/plans/mod.ts";
import type { Preferences } from "../services/preferences/mod.ts";
import { readPlan, readPreferences, readQuote } from "./hot.ts";
import { api } from "./http/env.ts";
import { typed } from "./http/typed.ts";

/** The reads of the front as routes: for HEAD, for paths that have to be decoded, and for whoever asks what there is. */
export const hotRoutes = api()
  .get("/healthz", (c) => c.text("ok"))
  .get("/v1/quotes/:symbol", (c) => {
    return typed<Quote>(readQuote(c.env, c.req.raw.headers, c.req.param("symbol")));
  })
  .get("/v1/preferences", (c) => {
    return typed<Preferences>(readPreferences(c.env, c.req.raw.headers, ""));
  })
  .get("/v1/plans/:id", (c) => {
    return typed<z.infer<typeof plan>>(readPlan(c.env, c.req.raw.headers, c.req.param("id")));
  });
