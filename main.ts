import { readConfig, type Settings } from "./config.ts";
import { type Deps, openDeps } from "./deps.ts";
import { afterStart, pause } from "./lib/time.ts";
import { type House, openFront, type Serve } from "./routes/front.ts";

/** The whole product over its dependencies: what is asked for at once in front, the rest loaded behind it. */
export function assemble(deps: Deps): Serve {
  return openFront(deps, () => loadHouse(deps));
}

/** QStash proves itself by a signature, which the door checks. */
const doorAddresses = ["POST /jobs/:name", "POST /jobs/:name/failed"].map((route) => ({
  route,
  isPublic: true,
  takesQuery: true,
  limit: "signed" as const,
}));

/** Every route, with the job door beside them. */
async function loadHouse(deps: Deps): Promise<House> {
  const [{ addressesOf, createApp }, { jobs }, { createJobDoor }] = await Promise.all([
    import("./routes/mod.ts"),
    import("./workers/mod.ts"),
    import("./workers/receive.ts"),
  ]);
  const app = createApp(deps.settings.publicUrl);
  const addresses = addressesOf(app, doorAddresses);
  const door = createJobDoor({
    publicUrl: deps.settings.publicUrl,
    verify: deps.verifyDelivery,
    context: (requestId) => deps.context(requestId, { address: "", userAgent: "qstash" }),
    atOnceMax: {
      // Each holds a connection as long as it runs, and requests need some too.
      short: Math.ceil(deps.settings.databasePoolMax / 2),
      long: deps.settings.jobsAtOnce,
    },
  }, jobs);
  app.route("/", door as never);
  return { app, addresses };
}

const graceMs = 500;
const drainMs = 5_000;
const prepareAfterMs = 300;

function serve(settings: Settings, deps: Deps): void {
  const handle = assemble(deps);
  const server = Deno.serve({
    hostname: settings.host,
    port: settings.port,
    onListen: ({ port }) => deps.log.info("listening", { url: `http://${settings.host}:${port}` }),
  }, handle);
  // After the first answers, which loading what it needs would hold up.
  afterStart(prepareAfterMs, deps.prepare);
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
