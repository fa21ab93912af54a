export * from "../../../lib/time.ts";
import { currentWorld } from "../world/world.ts";

/** By the virtual clock. */
export function stopwatch(): () => number {
  const world = currentWorld();
  const startedMs = world.nowMs;
  return () => world.nowMs - startedMs;
}

/** By the virtual clock. */
export function pause(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = currentWorld().after(delayMs, done);
    signal?.addEventListener("abort", done);
    function done() {
      timer.cancelled = true;
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
}
