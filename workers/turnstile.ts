import { fail } from "../lib/errors.ts";
import { metrics } from "../lib/metrics.ts";
import { pause, secondMs } from "../lib/time.ts";

const turnedAway = metrics.counter(
  "almanac_jobs_turned_away_total",
  "Deliveries that were told to come again because too many were at work.",
  [],
);

/** Lets work through as long as there is room. */
export type Turnstile = <T>(work: () => Promise<T>) => Promise<T>;

/** Others wait in line for so long, which serves hundreds of short ones; each costs no more than its few bytes. */
const waitMaxMs = 5 * secondMs;
const lineMax = 500;

/**
 * Admits `atOnceMax` pieces of work at a time. Whoever comes meanwhile waits in line for a few seconds; beyond that it is
 * `overloaded`, so that QStash waits in our place. What it delivers then is none the worse for it, and what it gives up
 * for that reason alone is published anew.
 */
export function createTurnstile(atOnceMax: number): Turnstile {
  let inside = 0;
  const line = new Set<() => void>();

  /** @returns whether there is room now; the room is taken then */
  async function enter(): Promise<boolean> {
    if (inside < atOnceMax) {
      inside++;
      return true;
    }
    if (line.size >= lineMax) return false;
    const called = new AbortController();
    const step = () => called.abort();
    line.add(step);
    await pause(waitMaxMs, called.signal);
    // Whoever called has left its room to us.
    return !line.delete(step);
  }

  function leave() {
    const [next] = line;
    if (next === undefined) return void inside--;
    line.delete(next);
    next();
  }

  return async (work) => {
    if (!await enter()) {
      turnedAway().add(1);
      return fail("overloaded");
    }
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
