import { environmentFor } from "../../dev/stand_ins.ts";
import type { TestApp } from "../support/app.ts";
import { type ServerProcess, startServer } from "../support/server_process.ts";
import { testAppSecret } from "../support/signing_keys.ts";

/** A server process over an app's database and stand-ins, that can be killed and comes back. */
export interface KilledServer {
  /** Where the server listens now; waits where it is being started. */
  url(): Promise<string>;
  /** Kills it with SIGKILL and starts another one. */
  kill(): void;
  stop(): Promise<void>;
}

export function startKilledServer(app: TestApp): KilledServer {
  const { settings } = app.deps;
  const env = environmentFor({
    standIns: app.standIns,
    databaseUrl: settings.databaseUrl.reveal(),
    appUrl: settings.publicUrl,
    port: 0,
    appSecret: testAppSecret,
  });
  let current = startServer(env);
  let latest: ServerProcess | undefined;
  // One that does not start fails whoever asks for its address.
  const keep = (server: Promise<ServerProcess>) =>
    server.then((started) => latest = started, () => {});
  keep(current);
  return {
    url: async () => (await current).url,
    kill() {
      // At once: the moment is what matters. The database hears of it when the sockets close.
      latest?.process.kill("SIGKILL");
      current = (async () => {
        await latest?.process.status;
        return await startServer(env);
      })();
      keep(current);
    },
    stop: async () => await (await current).kill(),
  };
}
