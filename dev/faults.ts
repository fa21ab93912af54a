/** `deno task faults`: the tests of `tests/faults/` in full, one after the other, and a table of what came of each fault. */
import { basename } from "node:path";
import type { FaultLine } from "../tests/faults/report.ts";
import { giveUp, runTests } from "./test.ts";

const folder = "tests/faults";
const titles = ["fault", "done", "bar", "measured", "result"];

/** Runs the files that are named, or all; answers the exit code. */
async function runFaults(names: string[]): Promise<number> {
  const files = names.length === 0 ? [folder] : names.map(fileOf);
  const table = await Deno.makeTempFile({ suffix: ".jsonl" });
  try {
    const code = await runTests(files, {
      inTurn: true,
      env: { FAULTS: "full", FAULTS_REPORT: table },
    });
    const lines = readLines(await Deno.readTextFile(table));
    console.log(`\n${printTable(lines)}`);
    return code === 0 && lines.some(({ met }) => !met) ? 1 : code;
  } finally {
    await Deno.remove(table);
  }
}

/** A path, or what a file is called without what all of them share: `redis_away`. */
function fileOf(name: string): string {
  return name === basename(name)
    ? `${folder}/${name.replace(/(_test)?(\.ts)?$/, "_test.ts")}`
    : name;
}

/** What tests have said, in the order in which they did. */
export function readLines(text: string): FaultLine[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

/** One line for each bar; a fault is named once where several follow one another. */
export function printTable(lines: FaultLine[]): string {
  const rows = lines.map(({ fault, done, bar, measured, met }, at) => {
    const before = lines[at - 1];
    const same = before?.fault === fault && before.done === done;
    return [same ? "" : fault, same ? "" : done, bar, measured, met ? "ok" : "FAILED"];
  });
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0))
  );
  const print = (cells: string[]) =>
    cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd();
  return [titles, widths.map((width) => "-".repeat(width)), ...rows].map(print).join("\n");
}

if (import.meta.main) Deno.exit(await runFaults(Deno.args).catch(giveUp));
