import type { Hono } from "hono";
import type { ApiEnv } from "./env.ts";
import { type Checked, checkedBy } from "./validate.ts";

/** Every mounted route with the checks of its handlers, `"GET /v1/quotes/:symbol"` first. */
export function mountedRoutes(app: Hono<ApiEnv>): Map<string, Checked[]> {
  const routes = new Map<string, Checked[]>();
  for (const { method, path, handler } of app.routes) {
    if (method === "ALL") continue;
    const route = `${method} ${path}`;
    const checks = routes.get(route) ?? [];
    const check = checkedBy(handler);
    routes.set(route, check ? [...checks, check] : checks);
  }
  return routes;
}
