const reset = "\x1b[0m";
const failed = Symbol("failed");

/** Runs the steps of a walk in order, printing each with what it got and how long it took. */
export interface Steps {
  step<T>(what: string, work: () => Promise<[result: T, got: string]>): Promise<T>;
  /** How long all of it took. */
  elapsedMs(): number;
}

export function createSteps(print: (line: string) => void): Steps {
  const startedMs = performance.now();
  let count = 0;
  return {
    async step(what, work) {
      const begunMs = performance.now();
      const outcome = await work().catch((error) => ({ [failed]: error }));
      const ms = (performance.now() - begunMs).toFixed(0).padStart(5);
      const head = `${String(++count).padStart(2)}. ${what.padEnd(34)} ${ms} ms`;
      if (failed in outcome) {
        print(`\x1b[31m✗ ${head}${reset}`);
        throw outcome[failed];
      }
      const [result, got] = outcome;
      print(`\x1b[32m✓${reset} ${head}   ${got}`);
      return result;
    },
    elapsedMs: () => performance.now() - startedMs,
  };
}

/** Asks every 100 ms until an answer is there; fails with what it waited for. */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  deadlineMs = 20_000,
): Promise<T> {
  const untilMs = performance.now() + deadlineMs;
  while (performance.now() < untilMs) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited ${deadlineMs / 1_000} s for ${what}`);
}

/** Fails with `what` unless it holds. */
export function insist(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}
