/** `deno task test`: the tests against a throw-away Postgres, in which each copies a migrated template. */
import { startTestServer, type TestServer } from "./test_server.ts";

export interface Summary {
  passed: number;
  failed: number;
}

/** How a run differs from that of `deno task test`. */
export interface TestRun {
  /** One file after the other, for tests that measure. */
  inTurn?: boolean;
  env?: Record<string, string>;
}

/** Loopback alone: a test that would reach the outside world fails. */
const testFlags = [
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys",
  "--allow-run",
  "--allow-net=127.0.0.1,localhost",
];
const signals: Deno.Signal[] = ["SIGINT", "SIGTERM"];
// deno-lint-ignore no-control-regex
const colours = /\x1b\[[0-9;]*m/g;
const summaryLine = /^(?:ok|FAILED) \| (\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed/gm;
// Deno's summary is its last line but a few; this is plenty.
const tailMax = 4_000;

/** Runs `deno test` with `args` after our flags, streams what it says, and answers its exit code. */
export async function runTests(args: string[], run: TestRun = {}): Promise<number> {
  const interruption = catchSignals();
  const server = await startTestServer(Deno.env.get("TEST_DATABASE_URL"));
  console.error(`Postgres ${server.version} for tests, ready in ${server.elapsedMs.toFixed()} ms`);
  try {
    const child = spawnTests(args, server, run);
    interruption.passTo(child);
    const [tail, status] = await Promise.all([streamThrough(child.stdout), child.status]);
    printTotals(readSummary(tail), status.code);
    return status.code;
  } finally {
    await server.stop();
  }
}

/** A run that ends badly before its tests, for example because a type is wrong, counts as one failure. */
function printTotals({ passed, failed }: Summary, code: number) {
  console.log(`${passed} passed, ${code !== 0 && failed === 0 ? 1 : failed} failed`);
}

/** The last summary in Deno's output; zeros where it never came to its tests. */
export function readSummary(output: string): Summary {
  const plain = output.replaceAll(colours, "");
  const [, passed = 0, failed = 0] = [...plain.matchAll(summaryLine)].at(-1) ?? [];
  return { passed: Number(passed), failed: Number(failed) };
}

function spawnTests(
  args: string[],
  server: TestServer,
  { inTurn = false, env }: TestRun,
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["test", ...(inTurn ? [] : ["--parallel"]), ...testFlags, ...args],
    env: { ...env, TEST_DATABASE_URL: server.url, TEST_TEMPLATE_DATABASE: server.template },
    stdin: "null",
    stdout: "piped",
  }).spawn();
}

/** We outlive a signal, because the server and its files are ours to clear away; the tests get it from us. */
function catchSignals(): { passTo(child: Deno.ChildProcess): void } {
  let caught: Deno.Signal | undefined;
  let running: Deno.ChildProcess | undefined;
  for (const signal of signals) {
    Deno.addSignalListener(signal, () => {
      caught = signal;
      if (running) send(running, signal);
    });
  }
  return {
    passTo(child) {
      running = child;
      if (caught) send(child, caught);
    },
  };
}

function send(child: Deno.ChildProcess, signal: Deno.Signal) {
  try {
    child.kill(signal);
  } catch {
    // It has ended already: Ctrl-C in a terminal goes to both of us.
  }
}

async function streamThrough(output: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let tail = "";
  for await (const bytes of output) {
    for (let sent = 0; sent < bytes.length;) sent += await Deno.stdout.write(bytes.subarray(sent));
    tail = (tail + decoder.decode(bytes, { stream: true })).slice(-tailMax);
  }
  return tail;
}

/** What cannot even begin is said in one sentence, and counts as one failure. */
export function giveUp(error: unknown): number {
  console.error(error instanceof Error ? error.message : error);
  printTotals({ passed: 0, failed: 0 }, 1);
  return 1;
}

if (import.meta.main) Deno.exit(await runTests(Deno.args).catch(giveUp));
