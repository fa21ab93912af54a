import { expositionType } from "../lib/exposition.ts";
import { equalSecrets } from "../lib/equal_secrets.ts";
import { fail } from "../lib/errors.ts";
import type { Secret } from "../lib/secret.ts";
import { readMetrics } from "../services/ops/mod.ts";
import { isOwnMachine } from "./http/address.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";

export const metricsDocs: RouteDocs = {
  "GET /metrics": {
    summary: "What this process measures, for Prometheus",
    about: "Needs METRICS_TOKEN as its bearer token. Where that is not set, only callers on the " +
      "same machine are answered, and there is nothing here for everybody else.",
    access: "public",
    answers: { 200: { about: "Prometheus' text format, version 0.0.4", type: "text/plain" } },
    problems: ["not_signed_in", "invalid_token", "not_found"],
  },
};

export const metricsRoutes = api().get("/metrics", async (c) => {
  const ctx = ctxOf(c);
  await admit(ctx.settings.metricsToken, c.req.raw.headers, c.env.serveInfo);
  return c.body(await readMetrics(ctx), 200, { "content-type": expositionType });
});

async function admit(token: Secret | undefined, headers: Headers, peer: unknown): Promise<void> {
  if (token === undefined) {
    if (!isOwnMachine(headers, peer)) fail("not_found");
    return;
  }
  const [, given] = /^bearer (.+)$/i.exec(headers.get("authorization") ?? "") ?? [];
  if (given === undefined) return fail("not_signed_in");
  if (!await equalSecrets(given, token.reveal())) fail("invalid_token");
}
