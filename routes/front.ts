import { Hono } from "hono";
import type { H, RouterRoute } from "hono/types";
import type { Router } from "hono/router";
import { LinearRouter } from "hono/router/linear-router";
import { getPath } from "hono/utils/url";
import type { Settings } from "../config.ts";
import { afterStart } from "../lib/time.ts";
import { openTelemetry } from "../lib/telemetry.ts";
import type { Ctx, Origin } from "../services/ctx.ts";
import type { Limits } from "../services/limits.ts";
import { hotAddresses, hotRoutes } from "./hot.ts";
import { type Address, type AddressBook, addressBook } from "./http/addresses.ts";
import { appVersionCheck } from "./http/app_version.ts";
import { cors } from "./http/cors.ts";
import type { ApiEnv } from "./http/env.ts";
import { onError, onNotFound } from "./http/errors.ts";
import { gate, type GateDeps, type Pass } from "./http/gate.ts";

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

export type Serve = (request: Request, serveInfo?: unknown) => Response | Promise<Response>;

const loadAfterMs = 300;

/**
 * The front of the house answers the reads that phones wait for, from the moment at which the process runs. The house
 * behind it is loaded when somebody asks for something else, or a moment later by itself. So a cold start costs what a
 * quote needs, and a warm one finds its address among four and not among a hundred.
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
  const open = ({ app, addresses }: House): Opened => {
    const serve: GateDeps["serve"] = (request, exchange) => app.fetch(request, exchange);
    return { addresses, pass: gate({ ...common, addresses, serve }) };
  };
  // What is ready at once costs 3 ms less to build, and more for each request: it is used for a moment.
  let front = open(hotHouse(new LinearRouter(), new LinearRouter()));
  let house: Opened | undefined;
  let loading: Promise<Opened> | undefined;
  const load = () =>
    loading ??= loadHouse().then((loaded) => {
      front = open(hotHouse());
      return house = open(loaded);
    });
  afterStart(loadAfterMs, () => void load().catch(() => loading = undefined));

  return (request, serveInfo) => {
    const path = getPath(request);
    const address = front.addresses.find(request.method, path);
    if (address.method !== "") return front.pass(request, serveInfo, path, address);
    if (house !== undefined) return enter(house, request, serveInfo, path);
    return load().then((opened) => enter(opened, request, serveInfo, path));
  };
}

interface Opened {
  addresses: AddressBook;
  pass: Pass;
}

function enter({ addresses, pass }: Opened, request: Request, serveInfo: unknown, path: string) {
  return pass(request, serveInfo, path, addresses.find(request.method, path));
}

function hotHouse(forRoutes?: Router<[H, RouterRoute]>, forAddresses?: Router<Address>): House {
  const app = new Hono<ApiEnv>({ router: forRoutes }).route("/", hotRoutes);
  app.onError(onError);
  app.notFound(onNotFound);
  return { app, addresses: addressBook(hotAddresses, forAddresses) };
}
