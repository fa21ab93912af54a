import { fail } from "../../lib/errors.ts";

const busySeconds = 3;

/**
 * Runs work in the order in which it is asked for, `atOnce` at a time. `sign_in_busy` where `waitingMost` wait
 * already: whoever came then would only wait for an answer that nobody reads any more.
 */
export function createQueue(atOnce: number, waitingMost: number) {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= atOnce) {
      if (waiting.length >= waitingMost) fail("sign_in_busy", { retryAfterSeconds: busySeconds });
      // Whoever finishes hands its place on, so the count stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running++;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
