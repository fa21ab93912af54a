/**
 * The product as it serves, with a person signed in. Prices come from a vendor whose exchange is closed, so that the
 * answer keeps its bytes while it is measured; everything else is the product's own, its clock included.
 */
import { readConfig } from "../../config.ts";
import { openDeps } from "../../deps.ts";
import { startEngines } from "../../dev/engines.ts";
import { demoPassword, demoPeople } from "../../dev/seed/people.ts";
import { startYahoo } from "../../dev/vendors/yahoo.ts";
import { createLog } from "../../lib/log.ts";
import { assemble } from "../../main.ts";

const dayMs = 86_400_000;
const path = "/v1/quotes/AAPL";

const engines = await startEngines({ name: "bench", port: 0, fresh: true, report() {} });
const yahoo = await startYahoo({ now: () => lastSaturdayNoonMs() });
const env: Record<string, string> = {
  ...engines.env,
  // One person asks for everybody here; the counting itself is what it always is.
  LIMIT_READS: "900000000/60",
  MARKET_PROVIDERS: "yahoo",
  YAHOO_URL: yahoo.url,
  LOG_FORMAT: "json",
};
// Written in full, but not to our standard output: nobody reads on after the first line, and a full pipe would block.
const sink = Deno.openSync("/dev/null", { write: true });
const encoder = new TextEncoder();
const log = createLog({
  level: "info",
  format: "json",
  now: Date.now,
  write: (text) => void sink.writeSync(encoder.encode(`${text}\n`)),
});
const deps = openDeps(readConfig((name) => env[name]), { log });
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, assemble(deps));
const { port } = server.addr as Deno.NetAddr;

const response = await fetch(`http://127.0.0.1:${port}/v1/auth/login`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ email: demoPeople.client.email, password: demoPassword }),
});
const { accessToken } = await response.json();
console.log(JSON.stringify({ port, path, authorization: `Bearer ${accessToken}` }));

Deno.addSignalListener("SIGTERM", async () => {
  await server.shutdown();
  await deps.close();
  await yahoo.stop();
  await engines.stop();
  Deno.exit(0);
});

function lastSaturdayNoonMs(): number {
  const now = new Date();
  const daysSince = (now.getUTCDay() + 1) % 7 || 7;
  return Math.floor(now.getTime() / dayMs) * dayMs - daysSince * dayMs + dayMs / 2;
}
