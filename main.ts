import { readConfig, type Settings } from "./config.ts";
import { type Deps, openDeps } from "./deps.ts";
import { pause } from "./lib/time.ts";
import { createApp } from "./routes/mod.ts";
import { jobs } from "./workers/mod.ts";
import { createJobDoor } from "./workers/receive.ts";

/** The whole product over its dependencies: the API with the job door beside it. */
export function assemble(
  deps: Deps,
): (request: Request, info?: unknown) => Response | Promise<Response> {
  const app = createApp(deps);
  const door = createJobDoor({
    publicUrl: deps.settings.publicUrl,
    verify: deps.verifyDelivery,
    context: (requestId) => deps.context(requestId, { address: "", userAgent: "qstash" }),
  }, jobs);
  app.route("/", door as never);
  return (request, info) => app.fetch(request, info as never);
}

const graceMs = 500;
const drainMs = 5_000;
const prepareAfterMs = 300;

function serve(settings: Settings, deps: Deps): void {
  const server = Deno.serve({
    hostname: settings.host,
    port: settings.port,
    onListen: ({ port }) => deps.log.info("listening", { url: `http://${settings.host}:${port}` }),
  }, assemble(deps));
  // After the first answers, which loading what it needs would hold up.
  Deno.unrefTimer(setTimeout(deps.prepare, prepareAfterMs));
  const stop = async () => {
    const ended = server.shutdown();
    await Promise.race([ended, pause(graceMs)]);
    // What is still open then are streams and waits, which go on for as long as they like unless they are told.
    deps.leave();
    await Promise.race([ended, pause(drainMs)]);
    await deps.close();
    Deno.exit(0);
  };
  Deno.addSignalListener("SIGTERM", stop);
  Deno.addSignalListener("SIGINT", stop);
}

if (import.meta.main) {
  const settings = readConfig((name) => Deno.env.get(name));
  serve(settings, openDeps(settings));
}
