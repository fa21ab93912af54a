/** Servers under measurement, each a process of its own, and what they cost the processor. */
import { root } from "../dev/source/tree.ts";

export const serverCore = 0;
export const loadCore = 1;

/** What a server of `bench/servers` or `bench/peers` prints as the first line of its standard output. */
export interface Hello {
  port: number;
  /** Sent with every request. */
  authorization?: string;
  /** What the bench asks for. */
  path?: string;
}

export interface RunningServer {
  pid: number;
  hello: Hello;
  stop(): Promise<void>;
}

const helloDeadlineMs = 60_000;

/** Starts a server program with its arguments on the servers' core, and waits for its first line. */
export async function startServer(program: string, ...args: string[]): Promise<RunningServer> {
  const command = pinned(serverCore, [Deno.execPath(), "run", "-A", "--quiet", program, ...args]);
  const child = new Deno.Command(command[0] ?? "", {
    args: command.slice(1),
    cwd: root,
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = linesOf(child.stdout);
  const stop = async () => {
    endQuietly(child);
    await lines.return(undefined);
    await child.status;
  };
  const timer = setTimeout(() => endQuietly(child), helloDeadlineMs);
  const first = await lines.next();
  clearTimeout(timer);
  if (first.done) {
    await stop();
    throw new Error(`${program} ended without saying where it listens`);
  }
  return { pid: child.pid, hello: JSON.parse(first.value), stop };
}

/** A command on one core, where the machine has `taskset` and more than one core. */
export function pinned(core: number, command: string[]): string[] {
  return canPin() ? ["taskset", "-c", String(core), ...command] : command;
}

/** Whether servers and load can be kept off each other's core. */
export function canPin(): boolean {
  return navigator.hardwareConcurrency > 1 && isOnPath("taskset");
}

export function isOnPath(program: string): boolean {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return folders.some((folder) => {
    try {
      return Deno.statSync(`${folder}/${program}`).isFile;
    } catch {
      return false;
    }
  });
}

/**
 * Processor time that a process has used so far, over all of its threads, in microseconds. The kernel counts it in
 * nanoseconds per thread (`schedstat`), so waiting for a core does not count. Linux only.
 */
export function cpuMicros(pid: number): number {
  let nanoseconds = 0;
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    const stat = Deno.readTextFileSync(`/proc/${pid}/task/${name}/schedstat`);
    nanoseconds += Number(stat.split(" ")[0]);
  }
  return nanoseconds / 1_000;
}

/** A port that nobody listened on a moment ago. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** The lines of a stream as they come. */
export async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** Asks a process to end; one that has ended already is fine. */
export function endQuietly(child: Deno.ChildProcess, signal: Deno.Signal = "SIGTERM"): void {
  try {
    child.kill(signal);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}
