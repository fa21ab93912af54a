/** The Postgres of a test run: a throw-away one of our own, or the server of TEST_DATABASE_URL. */
import { dirname, join } from "node:path";
import {
  databaseFolder,
  FolderInUse,
  type RunningPostgres,
  startPostgres,
} from "./postgres/mod.ts";
import { makeOwnTemplate, prepareTemplate } from "./test_template.ts";

export interface TestServer {
  url: string;
  /** Name of the migrated database to copy; nobody can connect to it. */
  template: string;
  version: string;
  elapsedMs: number;
  stop(): Promise<void>;
}

const abandonedMs = 3_600_000;
const report = (line: string) => console.error(line);

/**
 * Answers a server with a migrated template on it. Our own cluster is kept from run to run, which saves most of a
 * second; a run beside another gets one of its own, which goes with it. On a given server nothing of others is touched.
 */
export async function startTestServer(givenUrl?: string): Promise<TestServer> {
  const startedMs = performance.now();
  const server = givenUrl ? await useGiven(givenUrl) : await startOwn();
  return { ...server, elapsedMs: performance.now() - startedMs };
}

type ReadyServer = Omit<TestServer, "elapsedMs">;

async function useGiven(databaseUrl: string): Promise<ReadyServer> {
  const { url, version } = await startPostgres({ dataDir: "", databaseUrl });
  const template = await makeOwnTemplate(url);
  return { url, version, template: template.name, stop: () => template.drop() };
}

async function startOwn(): Promise<ReadyServer> {
  const server = await startKept().catch((error) => {
    if (error instanceof FolderInUse) return startTemporary();
    throw error;
  });
  const { url, version, stop } = server;
  try {
    return { url, version, stop, template: await prepareTemplate(url) };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startKept(): Promise<RunningPostgres> {
  const dataDir = await databaseFolder("test");
  const fresh = await isOfEarlierBoot(dataDir);
  return await startPostgres({ dataDir, durable: false, fresh, report });
}

async function startTemporary(): Promise<RunningPostgres> {
  report("Another test run uses the kept database server; this one starts its own.");
  const dataDir = await databaseFolder(`test-${Deno.pid}`);
  await removeAbandoned(dirname(dataDir));
  const server = await startPostgres({ dataDir, durable: false, report });
  return {
    ...server,
    async stop() {
      await server.stop();
      await Deno.remove(dataDir, { recursive: true });
    },
  };
}

/** Nothing of such a cluster is forced to disk, so what was there before the machine started may be damaged. */
async function isOfEarlierBoot(dataDir: string): Promise<boolean> {
  const bootedMs = Date.now() - Deno.osUptime() * 1_000;
  for await (const { name } of Deno.readDir(dataDir)) {
    const log = await Deno.stat(join(dataDir, name, "server.log")).catch(() => null);
    if (log?.mtime && log.mtime.getTime() < bootedMs) return true;
  }
  return false;
}

/** What runs that were killed have left behind. */
async function removeAbandoned(parent: string) {
  for await (const { name } of Deno.readDir(parent)) {
    if (!/^test-\d+$/.test(name)) continue;
    const { mtime } = await Deno.stat(join(parent, name));
    if (Date.now() - (mtime?.getTime() ?? 0) < abandonedMs) continue;
    await Deno.remove(join(parent, name), { recursive: true }).catch(() => {});
  }
}
