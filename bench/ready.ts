/** How long `deno task dev` takes until a developer can work, in a copy of this tree with data of its own. */
import { dirname } from "node:path";
import { readTree, root } from "../dev/source/tree.ts";
import { type Figure, figure } from "./figure.ts";
import type { BenchOptions } from "./mod.ts";
import { median } from "./rounds.ts";
import { endQuietly, freePort, linesOf } from "./servers.ts";

const bars = { warm: 3_000, fresh: 6_000 };
const startDeadlineMs = 120_000;
/** What the printed time may leave out of the time that we see ourselves. */
const unseenMsMax = 500;
const runsMax = 5;

/** Fresh and warm starts by turns, after one that unpacks what later starts find unpacked. */
export async function* benchReady({ rounds }: BenchOptions): AsyncGenerator<Figure> {
  const runs = Math.min(rounds, runsMax);
  await using scratch = new AsyncDisposableStack();
  const tree = scratch.adopt(await copyTree(), removeTree);
  await readyMs(tree, []);
  const times: Record<keyof typeof bars, number[]> = { fresh: [], warm: [] };
  for (let run = 0; run < runs; run++) {
    times.fresh.push(await readyMs(tree, ["--fresh"]));
    times.warm.push(await readyMs(tree, []));
  }
  for (const kind of ["warm", "fresh"] as const) {
    yield figure({
      bench: "ready",
      what: `deno task dev, ${kind}`,
      value: median(times[kind]),
      unit: "ms",
      against: "bar",
      other: bars[kind],
      better: "lower",
      runs,
    });
  }
}

async function copyTree(): Promise<string> {
  const copy = `${await Deno.makeTempDir({ prefix: "almanac-bench-" })}/`;
  for (const { path } of readTree()) {
    await Deno.mkdir(`${copy}${path}`.replace(/[^/]+$/, ""), { recursive: true });
    await Deno.copyFile(`${root}${path}`, `${copy}${path}`);
  }
  return copy;
}

/** The copy, and its data, which for root stand below /var/tmp in a folder that only this copy uses. */
async function removeTree(copy: string): Promise<void> {
  const { databaseFolder } = await import(`file://${copy}dev/postgres/mod.ts`);
  await Deno.remove(dirname(await databaseFolder("dev")), { recursive: true });
  await Deno.remove(copy, { recursive: true });
}

/** The time that the program prints, which must be the time that passed. Stops the program again. */
async function readyMs(tree: string, flags: string[]): Promise<number> {
  const startedMs = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["task", "dev", ...flags],
    cwd: tree,
    env: { PORT: String(freePort()) },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const timer = setTimeout(() => endQuietly(child), startDeadlineMs);
  try {
    const printedMs = await readyLine(child.stdout);
    const passedMs = performance.now() - startedMs;
    if (passedMs - printedMs < unseenMsMax) return printedMs;
    throw new Error(`it says ready in ${printedMs} ms, and took ${Math.round(passedMs)} ms`);
  } finally {
    clearTimeout(timer);
    endQuietly(child, "SIGINT");
    await child.status;
  }
}

async function readyLine(output: ReadableStream<Uint8Array>): Promise<number> {
  const said: string[] = [];
  for await (const line of linesOf(output)) {
    const ready = /\bready in (\d+) ms/.exec(line);
    if (ready !== null) return Number(ready[1]);
    said.push(line);
  }
  throw new Error(`deno task dev ended before it was ready:\n${said.join("\n")}`);
}
