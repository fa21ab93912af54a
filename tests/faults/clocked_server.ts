/**
 * The server as `main.ts` serves it, with two differences: a test moves its clock ahead (`POST /clock`, in milliseconds), so
 * that leases and rests of minutes need not be waited for, and a vendor that does not answer is given up after two
 * seconds and not after ten. The first argument is how far the clock is ahead at the start.
 */
import { readConfig } from "../../config.ts";
import { openDeps } from "../../deps.ts";
import { assemble } from "../../main.ts";

const patienceMs = 2_000;

let aheadMs = Number(Deno.args[0] ?? 0);
const settings = readConfig((name) => Deno.env.get(name));
const impatient: typeof fetch = async (input, init) => {
  const ending = new AbortController();
  const end = () => ending.abort();
  const timer = setTimeout(end, patienceMs);
  init?.signal?.addEventListener("abort", end, { once: true });
  try {
    return await fetch(input, { ...init, signal: ending.signal });
  } finally {
    clearTimeout(timer);
  }
};
const deps = openDeps(settings, { now: () => Date.now() + aheadMs, fetch: impatient });
const handle = assemble(deps);

Deno.serve({
  hostname: settings.host,
  port: settings.port,
  onListen: ({ port }) => deps.log.info("listening", { url: `http://${settings.host}:${port}` }),
}, async (request, info) => {
  if (new URL(request.url).pathname !== "/clock") return await handle(request, info);
  aheadMs = Math.max(aheadMs, Number(await request.text()));
  return new Response();
});
deps.prepare();
