/** The one Postgres of a developer's machine or a test run; for production set DATABASE_URL to a managed server. */
import { findBinaries } from "./binaries.ts";
import { openCluster, superuser } from "./cluster.ts";
import { assertReachable, serverAccount } from "./folders.ts";
import { useGiven } from "./given.ts";
import { launch } from "./launch.ts";

export { databaseFolder } from "./folders.ts";
export { FolderInUse } from "./lock_file.ts";

export interface PostgresOptions {
  /** Holds one cluster per major version; see `databaseFolder`. Not touched where `databaseUrl` is given. */
  dataDir: string;
  /** Begin with an empty cluster. */
  fresh?: boolean;
  /** False for throw-away data: faster, and lost with the machine's power. */
  durable?: boolean;
  /** A server that runs already. It is used, and nothing is started. */
  databaseUrl?: string;
  report?: (line: string) => void;
}

export interface RunningPostgres {
  /** For postgres.js: a direct connection as an owner of everything. */
  url: string;
  version: string;
  source: "given" | "embedded" | "system";
  elapsedMs: number;
  /** Ends the server if it was started here; committed data stays. Can be called again. */
  stop(): Promise<void>;
}

/**
 * Answers a running Postgres: the given one, else one of our own on a free loopback port, which ends with this
 * process even if that is killed.
 * @throws FolderInUse where another server works on the same data
 * @throws Error with what to do, where none can be started or reached
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const startedMs = performance.now();
  const running = options.databaseUrl
    ? await useGiven(options.databaseUrl)
    : await startOwn(options);
  return { ...running, elapsedMs: performance.now() - startedMs };
}

async function startOwn(
  { dataDir, fresh = false, durable = true, report = () => {} }: PostgresOptions,
): Promise<Omit<RunningPostgres, "elapsedMs">> {
  const account = serverAccount();
  const binaries = await findBinaries(account, report);
  await Deno.mkdir(dataDir, { recursive: true });
  await assertReachable(dataDir, account);
  const cluster = await openCluster({ dataDir, binaries, account, fresh });
  const server = await launch({ binaries, cluster, account, durable });
  let asked = false;
  server.ended.then(() =>
    asked || report(`Postgres ended by itself; see ${cluster.folder}/server.log`)
  );
  return {
    url: `postgres://${superuser}:${cluster.password}@127.0.0.1:${server.port}/postgres`,
    version: binaries.version,
    source: binaries.source,
    stop() {
      asked = true;
      return server.stop();
    },
  };
}
