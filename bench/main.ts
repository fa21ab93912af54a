/** `deno task bench [NAME…] [--rounds N] [--seconds S]`: prints one line of JSON per figure. */
import { parseArgs } from "node:util";
import { benches, type BenchOptions } from "./mod.ts";

const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "9" },
    seconds: { type: "string", default: "1" },
  },
});

async function runBench(name: string, options: BenchOptions): Promise<boolean> {
  try {
    const bench = await benches[name]?.();
    if (bench === undefined) {
      throw new Error(`unknown; there are ${Object.keys(benches).join(", ")}`);
    }
    for await (const figure of bench(options)) console.log(JSON.stringify(figure));
    return true;
  } catch (error) {
    console.error(`bench ${name}:`, error instanceof Error ? error.message : error);
    return false;
  }
}

/** A machine that is busy with something else shifts every number; ratios suffer less, but suffer. */
function warnWhenBusy(): void {
  const [load = 0] = Deno.loadavg();
  const cores = navigator.hardwareConcurrency;
  if (load > cores) {
    console.error(`load average ${load.toFixed(1)} on ${cores} cores: run this again`);
  }
}

const names = positionals.length > 0 ? positionals : Object.keys(benches);
const options = { rounds: Number(values.rounds), seconds: Number(values.seconds) };
for (const name of names) {
  warnWhenBusy();
  if (!await runBench(name, options)) Deno.exitCode = 1;
}
