import type { Hono } from "hono";
import type { Settings } from "../config.ts";
import { openTelemetry } from "../lib/telemetry.ts";
import { afterStart } from "../lib/time.ts";
import type { Ctx, Origin } from "../services/ctx.ts";
import type { Limits } from "../services/limits.ts";
import { findHot, type HotAddress } from "./hot.ts";
import type { AddressBook } from "./http/addresses.ts";
import { appVersionCheck } from "./http/app_version.ts";
import { cors } from "./http/cors.ts";
import type { ApiEnv } from "./http/env.ts";
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
 * behind it, with its router, is loaded when somebody asks for something else, or a moment later by itself. So a cold
 * start costs what a quote needs, and a warm read finds its address among four and not among a hundred.
 */
export function openFront(deps: FrontDeps, loadHouse: () => Promise<House>): Serve {
  const common: Omit<GateDeps, "methodsOf" | "serve"> = {
    context: deps.context,
    trustedProxies: deps.settings.trustedProxies,
    cors: cors(deps.settings.corsOrigins),
    limits: deps.limits,
    telemetry: openTelemetry(),
    appVersion: appVersionCheck(deps.settings.appVersionsMin),
  };
  // Hot reads need no router: their addresses are four, and each is answered by a function.
  const passHot = gate({
    ...common,
    methodsOf: () => [],
    serve(request, exchange) {
      const { read, prefix } = exchange.address as HotAddress;
      return read(exchange, request.headers, exchange.path.slice(prefix.length));
    },
  });
  let house: Opened | undefined;
  let loading: Promise<Opened> | undefined;

  async function open(): Promise<Opened> {
    const { app, addresses } = await loadHouse();
    const serve: GateDeps["serve"] = (request, exchange) => app.fetch(request, exchange);
    const pass = gate({ ...common, serve, methodsOf: addresses.methodsOf });
    return house = { addresses, pass };
  }

  /** Once, however many wait; what failed is tried again by the next who asks. */
  function load(): Promise<Opened> {
    loading ??= open().catch((error) => {
      loading = undefined;
      throw error;
    });
    return loading;
  }

  afterStart(loadAfterMs, () => void load().catch(() => {}));

  return (request, serveInfo) => {
    const path = plainPathOf(request.url);
    const hot = findHot(request.method, path);
    if (hot !== undefined) return passHot(request, serveInfo, path, hot);
    if (house !== undefined) return enter(house, request, serveInfo);
    return load().then((opened) => enter(opened, request, serveInfo));
  };
}

interface Opened {
  addresses: AddressBook;
  pass: Pass;
}

function enter({ addresses, pass }: Opened, request: Request, serveInfo: unknown) {
  const path = addresses.pathOf(request);
  return pass(request, serveInfo, path, addresses.find(request.method, path));
}

const schemeLength = "https://".length;

/** The path as it is spelt. How other spellings are to be read is the router's business, which is not loaded yet. */
function plainPathOf(url: string): string {
  const begin = url.indexOf("/", schemeLength);
  const query = url.indexOf("?", begin);
  return query === -1 ? url.slice(begin) : url.slice(begin, query);
}
