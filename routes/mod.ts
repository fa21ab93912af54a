import type { Hono } from "hono";
import type { Settings } from "../config.ts";
import type { Ctx, Origin } from "../services/ctx.ts";
import { alertDocs, alertRoutes } from "./alerts.ts";
import { authDocs, authRoutes } from "./auth.ts";
import { barDocs, barRoutes } from "./bars.ts";
import { documentationDocs, documentationRoutes } from "./documentation.ts";
import { healthDocs, healthRoutes } from "./health.ts";
import { cors } from "./http/cors.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, type ApiEnv } from "./http/env.ts";
import { onError, onNotFound } from "./http/errors.ts";
import { gate } from "./http/gate.ts";
import { publicAddresses } from "./http/public_addresses.ts";
import { inboxDocs, inboxRoutes } from "./inbox.ts";
import { jobDocs, jobRoutes } from "./jobs.ts";
import { liveDocs, liveRoutes } from "./live.ts";
import { notificationDocs, notificationRoutes } from "./notifications.ts";
import { planDocs, planRoutes } from "./plans.ts";
import { preferenceDocs, preferenceRoutes } from "./preferences.ts";
import { quoteDocs, quoteRoutes } from "./quotes.ts";
import { receiptDocs, receiptRoutes } from "./receipts.ts";
import { simulationDocs, simulationRoutes } from "./simulations.ts";

export interface AppDeps {
  settings: Settings;
  context(requestId: string, origin: Origin): Ctx;
}

/** What each route is for, by method and path. */
export const docs: RouteDocs = {
  ...healthDocs,
  ...documentationDocs,
  ...authDocs,
  ...receiptDocs,
  ...quoteDocs,
  ...barDocs,
  ...preferenceDocs,
  ...planDocs,
  ...simulationDocs,
  ...alertDocs,
  ...notificationDocs,
  ...inboxDocs,
  ...liveDocs,
  ...jobDocs,
};

/** The API: one gate, then every area. The order matters only in that the gate comes first. */
export function createApp(deps: AppDeps): Hono<ApiEnv> {
  const app = api();
  app.onError(onError);
  app.notFound(onNotFound);
  app.use(
    "*",
    gate({
      context: deps.context,
      trustedProxies: deps.settings.trustedProxies,
      isPublic: publicAddresses(docs),
      cors: cors(deps.settings.corsOrigins),
    }),
  );
  mount(app);
  app.route("/", documentationRoutes(app, docs, deps.settings.publicUrl));
  return app;
}

/** The type of the whole API, for `hc<Api>()` of `hono/client`. */
export type Api = ReturnType<typeof mount>;

function mount(app: Hono<ApiEnv>) {
  return app
    .route("/", quoteRoutes)
    .route("/", preferenceRoutes)
    .route("/", planRoutes)
    .route("/", barRoutes)
    .route("/", simulationRoutes)
    .route("/", alertRoutes)
    .route("/", notificationRoutes)
    .route("/", inboxRoutes)
    .route("/", liveRoutes)
    .route("/", authRoutes)
    .route("/", receiptRoutes)
    .route("/", jobRoutes)
    .route("/", healthRoutes);
}
