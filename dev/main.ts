/** `deno task dev`: everything that the product needs, started in one command, and the product itself. */
import { Secret } from "../lib/secret.ts";
import { upsertTickSchedule } from "../services/jobs/mod.ts";
import { startApp } from "./app_process.ts";
import { startEngines } from "./engines.ts";
import { whenOrphaned } from "./parents.ts";
import { writeRunning } from "./running.ts";
import { welcome } from "./welcome.ts";

const port = Number(Deno.env.get("PORT") || 8000);
const appUrl = `http://127.0.0.1:${port}`;
const closing: (() => Promise<unknown>)[] = [];

async function start() {
  refuseTakenPort();
  const engines = await startEngines({
    name: "dev",
    port,
    fresh: Deno.args.includes("--fresh"),
    report,
  });
  closing.push(() => engines.stop());
  const startedMs = performance.now();
  const app = await startApp(
    ["run", "-P=server", "--watch", "--no-clear-screen", "main.ts"],
    engines.env,
    appUrl,
  );
  closing.push(() => app.stop());
  report("app", performance.now() - startedMs);
  app.ended.then(() => stop(1));
  const { url, token } = engines.standIns.qstash;
  await upsertTickSchedule({ url, token: new Secret(token), publicUrl: appUrl });
  await writeRunning(appUrl, engines.standIns);
  console.log(welcome({ ...engines, appUrl, elapsedMs: performance.now() }));
}

let stopping = false;

/** Ctrl-C, a stop from outside, the app's own end, and the end of whoever started us come down to the same. */
async function stop(code: number) {
  if (stopping) return;
  stopping = true;
  for (const close of closing.reverse()) await close().catch((error) => console.error(error));
  Deno.exit(code);
}

function refuseTakenPort() {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
  } catch {
    console.error(
      `Port ${port} is taken. Stop what uses it, or choose another: PORT=8001 deno task dev`,
    );
    Deno.exit(1);
  }
}

function report(what: string, elapsedMs: number) {
  console.log(`  ${what.padEnd(28)} ${elapsedMs.toFixed(0).padStart(5)} ms`);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.addSignalListener(signal, () => stop(0));
}
whenOrphaned(() => stop(0));
await start().catch((error) => {
  console.error(error);
  return stop(1);
});
