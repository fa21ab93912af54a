/** Load on one server: `wrk` where the machine has it, else a client of our own that is run as a program. */
import { root } from "../dev/source/tree.ts";
import { isOnPath, loadCore, pinned } from "./servers.ts";
import { type HttpRequest, readAnswer, requestBytes, statusIn, writeAll } from "./wire.ts";

export interface Load extends HttpRequest {
  seconds: number;
}

export interface LoadResult {
  requests: number;
  perSecond: number;
  /** Answers with a status of 400 or more. */
  refused: number;
}

/** Kept-alive connections, each with one request under way: pipelining would hide the server's own turns. */
const connections = 16;

/** Asks the same question for the given time, from the core that is the load's own. */
export async function applyLoad(load: Load): Promise<LoadResult> {
  // Requests with a body are sent by our own client in either case: the other would need a program to be told of them.
  const byWrk = load.body === undefined && isOnPath("wrk");
  const command = byWrk ? wrkCommand(load) : ownCommand(load);
  const [program = "", ...args] = pinned(loadCore, command);
  const { success, stdout, stderr } = await new Deno.Command(program, { args, cwd: root }).output();
  if (!success) throw new Error(`no load: ${new TextDecoder().decode(stderr)}`);
  const text = new TextDecoder().decode(stdout);
  return byWrk ? readWrk(text) : JSON.parse(text);
}

function wrkCommand({ port, path, headers, seconds }: Load): string[] {
  const given = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const duration = `${Math.max(1, Math.round(seconds))}s`;
  return [
    "wrk",
    "-t1",
    `-c${connections}`,
    `-d${duration}`,
    ...given,
    `http://127.0.0.1:${port}${path}`,
  ];
}

function readWrk(text: string): LoadResult {
  return {
    requests: numberIn(text, /(\d+) requests in/),
    perSecond: numberIn(text, /Requests\/sec:\s+([\d.]+)/),
    refused: /Non-2xx/.test(text) ? numberIn(text, /Non-2xx or 3xx responses: (\d+)/) : 0,
  };
}

function numberIn(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`wrk said something else:\n${text}`);
  return Number(found);
}

function ownCommand(load: Load): string[] {
  return [Deno.execPath(), "run", "-A", "--quiet", "bench/load.ts", JSON.stringify(load)];
}

/** The client itself. It costs more per request than `wrk` does, so that fast servers may wait for it. */
async function drive(load: Load): Promise<LoadResult> {
  const startedMs = performance.now();
  const untilMs = startedMs + load.seconds * 1_000;
  const counts = await Promise.all(
    Array.from({ length: connections }, () => driveConnection(load, untilMs)),
  );
  const requests = counts.reduce((sum, count) => sum + count.requests, 0);
  const elapsedSeconds = (performance.now() - startedMs) / 1_000;
  return {
    requests,
    perSecond: requests / elapsedSeconds,
    refused: counts.reduce((sum, count) => sum + count.refused, 0),
  };
}

async function driveConnection(load: Load, untilMs: number) {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: load.port });
  connection.setNoDelay();
  const request = requestBytes(load);
  const buffer = new Uint8Array(1 << 16);
  const count = { requests: 0, refused: 0 };
  let size = 0;
  while (performance.now() < untilMs) {
    await writeAll(connection, request);
    size = await readAnswer(connection, buffer, size);
    count.requests++;
    if (statusIn(buffer) >= 400) count.refused++;
  }
  return count;
}

if (import.meta.main) {
  console.log(JSON.stringify(await drive(JSON.parse(Deno.args[0] ?? "{}"))));
}
