/** Runs a server on a cluster, and makes sure that it ends when this process does. */
import { join } from "node:path";
import type { Cluster } from "./cluster.ts";
import type { Account } from "./folders.ts";
import { FolderInUse, readLockFile, waitUntilFree } from "./lock_file.ts";
import { type Binaries, programSurroundings } from "./programs.ts";

export interface Server {
  port: number;
  /** Settles when the server is gone, whoever ended it. */
  ended: Promise<void>;
  /** Asks the server to close its connections and end, and waits for it. Can be called again. */
  stop(): Promise<void>;
}

export interface LaunchOptions {
  binaries: Binaries;
  cluster: Cluster;
  account?: Account;
  durable: boolean;
  /** A free port of the loopback address, if left out. */
  pickPort?: () => number;
  /** Settings of the server where they differ from ours. */
  settings?: Record<string, string>;
}

const pollMs = 10;
// Recovery after a crash replays what was written since the last checkpoint.
const startMs = 60_000;
const stopMs = 20_000;
const triesMax = 10;
const pauseMs = 200;
const passingTrouble = /could not create any TCP\/IP sockets|still in use/;

/**
 * The server's parent is this shell, which holds a pipe from us as descriptor 3; nothing is ever written to it. When
 * we are gone, for whatever reason, the pipe closes, `read` returns, and the server is asked to shut down. The pipe is
 * moved away from descriptor 0 because a background command gets another standard input, and closed for the server.
 */
const watchdog = `
exec 3<&0 </dev/null 2>"$SERVER_LOG" >&2
"$@" 3<&- & server=$!
trap 'kill -INT $server' INT TERM HUP
(trap - TERM; read nothing <&3; kill -INT $server) 2>/dev/null & watcher=$!
wait $server; code=$?
while kill -0 $server 2>/dev/null; do wait $server; code=$?; done
kill $watcher
exit $code
`;

/** Starts the server on a free port of the loopback address; resolves when it takes connections. */
export async function launch(options: LaunchOptions): Promise<Server> {
  for (let tries = 1;; tries++) {
    try {
      return await launchOn((options.pickPort ?? freePort)(), options);
    } catch (error) {
      // Somebody took the port between our asking for a free one and the server's opening it, or processes of a server
      // that was killed have not noticed yet.
      const passing = error instanceof Error && passingTrouble.test(error.message);
      if (error instanceof FolderInUse || !passing || tries === triesMax) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      await waitUntilFree(options.cluster.folder);
    }
  }
}

async function launchOn(port: number, options: LaunchOptions): Promise<Server> {
  const { folder } = options.cluster;
  const surroundings = programSurroundings(options.account);
  const child = new Deno.Command("sh", {
    args: ["-c", watchdog, "sh", options.binaries.postgres, ...serverArgs(port, options)],
    ...surroundings,
    env: { ...surroundings.env, SERVER_LOG: logIn(folder) },
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    // Ctrl-C in a terminal goes to us alone, so that we can finish what uses the server before we end it.
    detached: true,
  }).spawn();
  child.unref();
  const server = watch(child, port, folder);
  try {
    await untilReady(server, folder);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

interface WatchedServer extends Server {
  isGone(): boolean;
}

function watch(child: Deno.ChildProcess, port: number, folder: string): WatchedServer {
  let gone = false;
  let stopping: Promise<void> | undefined;
  const ended = child.status.then(async () => {
    gone = true;
    await closePipe(child);
  });
  return {
    port,
    ended,
    isGone: () => gone,
    stop: () => stopping ??= stopChild(child, ended, folder),
  };
}

async function stopChild(child: Deno.ChildProcess, ended: Promise<void>, folder: string) {
  child.ref();
  const impatient = setTimeout(() => void endAtOnce(folder), stopMs);
  await closePipe(child);
  await ended.finally(() => clearTimeout(impatient));
}

async function closePipe(child: Deno.ChildProcess) {
  await child.stdin.close().catch(() => {});
}

/** An immediate shutdown loses nothing that was committed; the next start replays it. */
async function endAtOnce(folder: string) {
  const lock = await readLockFile(folder);
  if (lock) Deno.kill(lock.pid, "SIGQUIT");
}

function serverArgs(
  port: number,
  { cluster, binaries, durable, settings: given }: LaunchOptions,
): string[] {
  const settings: Record<string, string> = {
    port: String(port),
    listen_addresses: "127.0.0.1",
    // A path to a socket has at most 107 bytes, which the project's own path may use up.
    unix_socket_directories: "",
    max_connections: "200",
    ...(durable ? {} : throwAwaySettings),
    ...(binaries.major >= 16 ? { scram_iterations: "1" } : {}),
    ...given,
  };
  return [
    "-D",
    cluster.folder,
    ...Object.entries(settings).map(([key, value]) => `-c${key}=${value}`),
  ];
}

/** For tests: nothing is forced to disk or kept for replicas, expected errors fill no log, nothing runs on its own. */
const throwAwaySettings = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  wal_level: "minimal",
  max_wal_senders: "0",
  max_wal_size: "4GB",
  checkpoint_timeout: "1h",
  autovacuum: "off",
  log_min_messages: "fatal",
};

/** Reads the lock file as pg_ctl does: the port proves that it is this server's, not one left over. */
async function untilReady(server: WatchedServer, folder: string) {
  const deadlineMs = performance.now() + startMs;
  while (performance.now() < deadlineMs) {
    const lock = await readLockFile(folder);
    if (lock?.port === server.port && lock.state === "ready") return;
    if (server.isGone()) throw await startFailure(folder);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  throw new Error(`Postgres was not ready within ${startMs / 1_000} s; see ${logIn(folder)}`);
}

async function startFailure(folder: string): Promise<Error> {
  const log = await Deno.readTextFile(logIn(folder)).catch(String);
  if (/lock file .* already exists/.test(log)) {
    return new FolderInUse(`Another Postgres uses ${folder}.\n${log}`);
  }
  return new Error(`Postgres ended while it started:\n${log.trim().slice(-2_000)}`);
}

function logIn(folder: string): string {
  return join(folder, "server.log");
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}
