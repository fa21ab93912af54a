import assert from "node:assert/strict";

/** What came of one fault: a line of the table that `deno task faults` prints. */
export interface FaultLine {
  fault: string;
  /** How often, under which load. */
  done: string;
  /** What was promised. */
  bar: string;
  measured: string;
  met: boolean;
}

// Other tests run beside these where they are not measured in full.
const allowance = 4;

/** Whether everything is done as often and as long as it takes to measure it; otherwise a short run, to see that it holds. */
export function faultsInFull(): boolean {
  return Deno.env.get("FAULTS") === "full";
}

/** A bar in milliseconds: as it is promised where the machine is ours, wider where it is not. */
export function barMs(promisedMs: number): number {
  return faultsInFull() ? promisedMs : promisedMs * allowance;
}

/** Adds lines to the table, all of them, and then fails where a bar was missed. */
export function report(...lines: FaultLine[]): void {
  const file = Deno.env.get("FAULTS_REPORT");
  for (const line of lines) {
    const { fault, done, bar, measured, met } = line;
    console.log(`  ${fault}: ${done}; ${bar}: ${measured}${met ? "" : " MISSED"}`);
    if (file) Deno.writeTextFileSync(file, JSON.stringify(line) + "\n", { append: true });
  }
  const missed = lines.filter(({ met }) => !met);
  assert.deepEqual(missed, [], "a bar was missed");
}

/** Seconds with two digits. */
export function inSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
