import { migrate } from "../migrations/mod.ts";
import { keptSecret } from "./kept_secret.ts";
import { databaseFolder, type RunningPostgres, startPostgres } from "./postgres/mod.ts";
import { seed } from "./seed/mod.ts";
import { environmentFor, type StandIns, startStandIns } from "./stand_ins.ts";

/** What the app stands on, on this machine: Postgres with demo data, and a stand-in for everything else. */
export interface Engines {
  postgres: RunningPostgres;
  standIns: StandIns;
  /** The environment in which the app finds them. */
  env: Record<string, string>;
  stop(): Promise<void>;
}

export interface EngineOptions {
  /** Names the folder of the database files. */
  name: string;
  port: number;
  fresh?: boolean;
  /** Called with each part that is up and how long it took. */
  report(what: string, elapsedMs: number): void;
}

/** Starts Postgres and the stand-ins side by side, migrates, and puts the demo data in. */
export async function startEngines(options: EngineOptions): Promise<Engines> {
  const { name, port, report } = options;
  const appUrl = `http://127.0.0.1:${port}`;
  const folder = await databaseFolder(name);
  const timed = async <T>(what: string, work: Promise<T>): Promise<T> => {
    const startedMs = performance.now();
    const result = await work;
    report(what, performance.now() - startedMs);
    return result;
  };
  const starting = timed(
    "stand-ins",
    startStandIns({ redisUrl: Deno.env.get("REDIS_URL"), appUrl }),
  );
  const postgres = await startPostgres({
    dataDir: folder,
    fresh: options.fresh,
    databaseUrl: Deno.env.get("DATABASE_URL"),
    report: (line) => console.log(line),
  });
  report(`postgres ${postgres.version} (${postgres.source})`, postgres.elapsedMs);
  const standIns = await starting;
  const stop = async () => {
    await standIns.stop();
    await postgres.stop();
  };
  try {
    await timed("migrations", migrate({ url: postgres.url }));
    await timed("demo data", seed(postgres.url));
    const appSecret = await keptSecret(folder);
    const env = environmentFor({ standIns, databaseUrl: postgres.url, appUrl, port, appSecret });
    return { postgres, standIns, env, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
