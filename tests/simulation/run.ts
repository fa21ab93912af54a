/** Runs simulated worlds one after the other; started by `main.ts`, with the swaps of `import_map.ts`. */
import process from "node:process";
import { mutations } from "./mutations.ts";
import { type RunResult, simulate } from "./world/simulate.ts";

const traceLinesMax = 2_000;

interface Totals {
  runs: number;
  events: number;
  injected: Map<string, number>;
  failed: number[];
  elapsedMs: number;
  /** Of this process' own: others may want the machine as well. */
  cpuMs: number;
}

function numberAfter(flag: string): number | undefined {
  const at = Deno.args.indexOf(flag);
  if (at < 0) return undefined;
  const given = Number(Deno.args[at + 1]);
  if (!Number.isSafeInteger(given) || given < 0) throw new Error(`${flag} takes a whole number`);
  return given;
}

/** As many as there is time for, each from the next seed, until one goes wrong. */
function runMany(firstSeed: number, runsMax: number, seconds: number): Totals {
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  const totals: Totals = {
    ...{ runs: 0, events: 0, elapsedMs: 0, cpuMs: 0 },
    ...{ injected: new Map(), failed: [] },
  };
  while (totals.runs < runsMax && totals.elapsedMs < seconds * 1_000) {
    const result = simulate(firstSeed + totals.runs);
    totals.runs++;
    totals.events += result.eventCount;
    for (const [kind, count] of Object.entries(result.injected)) {
      totals.injected.set(kind, (totals.injected.get(kind) ?? 0) + count);
    }
    totals.elapsedMs = performance.now() - startedMs;
    if (result.violations.length > 0) {
      totals.failed.push(result.seed);
      break;
    }
  }
  const { user, system } = process.cpuUsage(cpu);
  return { ...totals, cpuMs: (user + system) / 1_000 };
}

function print({ runs, events, injected, elapsedMs, cpuMs }: Totals): void {
  const perSecond = (count: number) => Math.round(count / elapsedMs * 1_000).toLocaleString("en");
  const seconds = (elapsedMs / 1_000).toFixed(1);
  console.log(
    `${runs} runs in ${seconds} s: ${perSecond(runs)} runs/s, ${perSecond(events)} events/s`,
  );
  console.log(`${Math.round(runs / cpuMs * 1_000)} runs for each second of a core`);
  const kinds = [...injected].sort(([, one], [, other]) => other - one);
  console.log(`faults: ${kinds.map(([kind, count]) => `${kind} ${count}`).join(", ")}`);
}

/** The same run again, with its trace: it is the same to the last event. */
function explain(seed: number): void {
  Error.stackTraceLimit = 10;
  const { violations, lines, hash }: RunResult = simulate(seed, true);
  console.log(lines.slice(-traceLinesMax).join("\n"));
  console.log(`\nseed ${seed}, hash ${hash.toString(16)}`);
  for (const { invariant, what } of violations) console.log(`violated: ${invariant}: ${what}`);
  if (violations.length === 0) console.log("nothing is wrong with this run");
}

/** Each mutation until it is noticed: one line of JSON with the seed and what was violated. */
function runMutations(seedsMax: number): void {
  for (const { name, apply } of mutations) {
    const undo = apply();
    const startedMs = performance.now();
    let seed = 1;
    let violations: RunResult["violations"] = [];
    for (; seed <= seedsMax && violations.length === 0; seed++) ({ violations } = simulate(seed));
    undo();
    const elapsedMs = Math.round(performance.now() - startedMs);
    const [violated] = violations;
    console.log(JSON.stringify({ mutation: name, seeds: seed - 1, elapsedMs, violated }));
  }
}

function main(): void {
  const seedsMax = numberAfter("--mutations");
  if (seedsMax !== undefined) return runMutations(seedsMax);
  const seed = numberAfter("--seed");
  const runs = numberAfter("--runs");
  const seconds = numberAfter("--seconds");
  if (seed !== undefined && runs === undefined && seconds === undefined) {
    explain(seed);
    return;
  }
  const totals = runMany(seed ?? 1, runs ?? Infinity, seconds ?? (runs ? Infinity : 10));
  print(totals);
  const [failed] = totals.failed;
  if (failed === undefined) return;
  explain(failed);
  Deno.exitCode = 1;
}

// A task of the event loop's own: from within a module no other continuation could be run.
// Failures are what this is about, thousands of them a second: a stack each is a tenth of the time.
Error.stackTraceLimit = 0;

if (import.meta.main) setTimeout(main, 0);
