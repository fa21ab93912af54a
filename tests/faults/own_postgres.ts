import { findBinaries } from "../../dev/postgres/binaries.ts";
import { openCluster, superuser } from "../../dev/postgres/cluster.ts";
import { serverAccount } from "../../dev/postgres/folders.ts";
import { launch, type Server } from "../../dev/postgres/launch.ts";
import { readLockFile } from "../../dev/postgres/lock_file.ts";
import { databaseFolder } from "../../dev/postgres/mod.ts";
import { copyTemplate, prepareTemplate, type TestDatabase } from "../../dev/test_template.ts";

/** A Postgres for one test alone, which keeps what it has committed and comes back at the same address. */
export interface OwnPostgres {
  /** A migrated database on it. */
  newDatabase(): Promise<TestDatabase>;
  /** `fast` ends every connection and shuts down in order; `immediate` leaves everything as a crash does. */
  stop(how: "fast" | "immediate"): Promise<void>;
  /** Resolves when it takes connections again, after recovery where it needs any. */
  start(): Promise<void>;
  /** The account that its files belong to; undefined for our own. */
  account: { uid: number; gid: number } | undefined;
  /** Done when the server has ended. */
  atEnd(work: () => Promise<void>): void;
}

const account = serverAccount();
// Below what systems hand out to whoever asks for any port: nobody takes it while the server is away.
const [portMin, portMax] = [20_000, 30_000];

/** Starts one with `settings`, runs `work`, and removes it. */
export async function withOwnPostgres(
  work: (postgres: OwnPostgres) => Promise<void>,
  settings: Record<string, string> = {},
): Promise<void> {
  const binaries = await findBinaries(account, () => {});
  const dataDir = await databaseFolder(
    `test-${Deno.pid}${crypto.getRandomValues(new Uint16Array(1))}`,
  );
  await Deno.remove(dataDir, { recursive: true });
  const { success } = await new Deno.Command("cp", { args: ["-Rp", await prepared(), dataDir] })
    .output();
  if (!success) throw new Error("the prepared cluster could not be copied");
  const cluster = await openCluster({ dataDir, binaries, account, fresh: false });
  const port = freePort();
  const afterwards: (() => Promise<void>)[] = [];
  let server: Server | undefined;
  const start = async () => {
    server = await launch({
      binaries,
      cluster,
      account,
      durable: true,
      pickPort: () => port,
      settings,
    });
  };
  await start();
  const url = `postgres://${superuser}:${cluster.password}@127.0.0.1:${port}/postgres`;
  try {
    await work({
      start,
      account,
      atEnd: (next) => void afterwards.push(next),
      async newDatabase() {
        const template = await prepareTemplate(url);
        return await copyTemplate(url, template, "fault");
      },
      async stop(how) {
        const lock = await readLockFile(cluster.folder);
        if (how === "immediate" && lock) Deno.kill(lock.pid, "SIGQUIT");
        else await server?.stop();
        await server?.ended;
      },
    });
  } finally {
    await server?.stop();
    for (const next of afterwards) await next();
    await Deno.remove(dataDir, { recursive: true });
  }
}

let made: Promise<string> | undefined;

/** A cluster with the migrated template in it, made once for all tests of a file: each begins with a copy. */
function prepared(): Promise<string> {
  return made ??= prepare();
}

async function prepare(): Promise<string> {
  const dataDir = await databaseFolder(
    `test-${Deno.pid}${crypto.getRandomValues(new Uint16Array(1))}`,
  );
  addEventListener("unload", () => Deno.removeSync(dataDir, { recursive: true }));
  const binaries = await findBinaries(account, () => {});
  const cluster = await openCluster({ dataDir, binaries, account, fresh: true });
  const server = await launch({ binaries, cluster, account, durable: false });
  await prepareTemplate(
    `postgres://${superuser}:${cluster.password}@127.0.0.1:${server.port}/postgres`,
  );
  await server.stop();
  return dataDir;
}

function freePort(): number {
  for (;;) {
    const [chance = 0] = crypto.getRandomValues(new Uint16Array(1));
    const port = portMin + chance % (portMax - portMin);
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
