import { Hono } from "hono";
import { LinearRouter } from "hono/router/linear-router";
import { getPath } from "hono/utils/url";
import type { Settings } from "../config.ts";
import { afterStart } from "../lib/time.ts";
import { openTelemetry } from "../lib/telemetry.ts";
import type { Ctx, Origin } from "../services/ctx.ts";
import type { Limits } from "../services/limits.ts";
import { hotAddresses, hotRoutes } from "./hot.ts";
import { type AddressBook, addressBook } from "./http/addresses.ts";
import { appVersionCheck } from "./http/app_version.ts";
import { cors } from "./http/cors.ts";
import type { ApiEnv } from "./http/env.ts";
import { onError, onNotFound } from "./http/errors.ts";
import { gate, type GateDeps, type Serve } from "./http/gate.ts";

export type { Serve } from "./http/gate.ts";

/** Routes, and what the gate has to know of them. */
export interface House {
  app: Hono<ApiEnv>;
  addresses: AddressBook;
}

export interface FrontDeps {
  settings: Settings;
  limits: Limits;
  context(requestId: string, origin: Origin): Ctx;
}

const loadAfterMs = 300;

/**
 * The front of the house answers the reads that phones wait for as soon as the process runs; the house behind it is
 * loaded when somebody asks for something else, or a moment later by itself, and then answers everything. So a cold
 * start costs what a quote needs: 85 of 100 ms of loading are for what nobody has asked for yet.
 */
export function openFront(deps: FrontDeps, loadHouse: () => Promise<House>): Serve {
  const common: Omit<GateDeps, "addresses" | "serve"> = {
    context: deps.context,
    trustedProxies: deps.settings.trustedProxies,
    cors: cors(deps.settings.corsOrigins),
    limits: deps.limits,
    telemetry: openTelemetry(),
    appVersion: appVersionCheck(deps.settings.appVersionsMin),
  };
  const gateFor = ({ app, addresses }: House) =>
    gate({ ...common, addresses, serve: (request, exchange) => app.fetch(request, exchange) });

  let house: Serve | undefined;
  let loading: Promise<Serve> | undefined;
  const load = () => loading ??= loadHouse().then((loaded) => house = gateFor(loaded));
  const front = hotFront();
  const passFront = gateFor(front);
  afterStart(loadAfterMs, () => void load().catch(() => loading = undefined));

  return (request, serveInfo) => {
    if (house !== undefined) return house(request, serveInfo);
    const isHot = front.addresses.find(request.method, getPath(request)).method !== "";
    if (isHot) return passFront(request, serveInfo);
    return load().then((pass) => pass(request, serveInfo));
  };
}

/** By the router that is ready at once: the quicker ones take 3 ms to build, and this one is used for a moment. */
function hotFront(): House {
  const app = new Hono<ApiEnv>({ router: new LinearRouter() }).route("/", hotRoutes);
  app.onError(onError);
  app.notFound(onNotFound);
  return { app, addresses: addressBook(hotAddresses, new LinearRouter()) };
}
