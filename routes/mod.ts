import type { Hono } from "hono";
import { alertDocs, alertRoutes } from "./alerts.ts";
import { apiKeyDocs, apiKeyRoutes } from "./api_keys.ts";
import { authDocs, authRoutes } from "./auth.ts";
import { barDocs, barRoutes } from "./bars.ts";
import { changeDocs, changeRoutes } from "./changes.ts";
import { deadLetterDocs, deadLetterRoutes } from "./dead_letters.ts";
import { documentationDocs, documentationRoutes } from "./documentation.ts";
import { healthDocs, healthRoutes } from "./health.ts";
import { hotAddresses } from "./hot.ts";
import { hotRoutes } from "./hot_routes.ts";
import { type AddressBook, addressBook, type AddressEntry, entriesOf } from "./http/addresses.ts";
import { homeDocs, homeRoutes } from "./home.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, type ApiEnv } from "./http/env.ts";
import { onError, onNotFound } from "./http/errors.ts";
import { mountedRoutes } from "./http/mounted_routes.ts";
import { inboxDocs, inboxRoutes } from "./inbox.ts";
import { jobDocs, jobRoutes } from "./jobs.ts";
import { liveDocs, liveRoutes } from "./live.ts";
import { metricsDocs, metricsRoutes } from "./metrics.ts";
import { notificationDocs, notificationRoutes } from "./notifications.ts";
import { opsDocs, opsRoutes } from "./ops.ts";
import { planDocs, planRoutes } from "./plans.ts";
import { preferenceDocs, preferenceRoutes } from "./preferences.ts";
import { quoteDocs, quoteRoutes } from "./quotes.ts";
import { receiptDocs, receiptRoutes } from "./receipts.ts";
import { simulationDocs, simulationRoutes } from "./simulations.ts";
import { watchlistDocs, watchlistRoutes } from "./watchlists.ts";

/** What each route is for, by method and path. */
export const docs: RouteDocs = {
  ...healthDocs,
  ...metricsDocs,
  ...documentationDocs,
  ...authDocs,
  ...apiKeyDocs,
  ...receiptDocs,
  ...quoteDocs,
  ...barDocs,
  ...watchlistDocs,
  ...preferenceDocs,
  ...planDocs,
  ...simulationDocs,
  ...alertDocs,
  ...homeDocs,
  ...notificationDocs,
  ...inboxDocs,
  ...changeDocs,
  ...liveDocs,
  ...jobDocs,
  ...deadLetterDocs,
  ...opsDocs,
};

/** Every route of the API, for the gate to put behind itself. */
export function createApp(publicUrl: string): Hono<ApiEnv> {
  const app = api();
  app.onError(onError);
  app.notFound(onNotFound);
  mount(app);
  app.route("/", documentationRoutes(app, docs, publicUrl));
  return app;
}

/** What the gate has to know of the routes of `app`, and of `others` that are mounted beside them. */
export function addressesOf(app: Hono<ApiEnv>, others: AddressEntry[] = []): AddressBook {
  const routes = mountedRoutes(app);
  const takesQuery = (route: string) =>
    docs[route]?.query !== undefined || !route.includes(" /v1/") ||
    (routes.get(route) ?? []).some(({ target }) => target === "query");
  const hot = new Map(hotAddresses.map((address) => [address.route, address]));
  const entries = entriesOf(docs, takesQuery).map((entry) => hot.get(entry.route) ?? entry);
  return addressBook([...entries, ...others]);
}

/** The type of the whole API, for `hc<Api>()` of `hono/client`. */
export type Api = ReturnType<typeof mount>;

function mount(app: Hono<ApiEnv>) {
  return app
    .route("/", hotRoutes)
    .route("/", quoteRoutes)
    .route("/", preferenceRoutes)
    .route("/", planRoutes)
    .route("/", barRoutes)
    .route("/", watchlistRoutes)
    .route("/", simulationRoutes)
    .route("/", alertRoutes)
    .route("/", homeRoutes)
    .route("/", notificationRoutes)
    .route("/", inboxRoutes)
    .route("/", changeRoutes)
    .route("/", liveRoutes)
    .route("/", authRoutes)
    .route("/", apiKeyRoutes)
    .route("/", receiptRoutes)
    .route("/", jobRoutes)
    .route("/", deadLetterRoutes)
    .route("/", opsRoutes)
    .route("/", healthRoutes)
    .route("/", metricsRoutes);
}
