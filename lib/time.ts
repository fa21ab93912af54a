/** Milliseconds since the Unix epoch; the only form of a moment inside the product. */
export type EpochMs = number;
export type Clock = () => EpochMs;

export const secondMs = 1_000;
export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;

/** The wall clock. Handed on through the context, so that a test can hold another. */
export const systemClock: Clock = () => Date.now();

/** ISO 8601 in UTC with milliseconds, the API's form of an instant. */
export function toInstant(moment: EpochMs | Date): string {
  return (typeof moment === "number" ? new Date(moment) : moment).toISOString();
}

/** The calendar day in UTC, `2026-01-31`. */
export function toDay(moment: EpochMs): string {
  return toInstant(moment).slice(0, 10);
}

/** Milliseconds from a monotonic clock, for measuring how long something took. */
export function stopwatch(): () => number {
  const startedMs = performance.now();
  return () => performance.now() - startedMs;
}

/**
 * Calls `work` after a while, unless the process has ended by then. For what is set while a process starts: the first
 * `setTimeout` loads Node's timers, which takes longer than all of ours.
 */
export function afterStart(delayMs: number, work: () => void): void {
  AbortSignal.timeout(delayMs).addEventListener("abort", work, { once: true });
}

/** Waits, or stops waiting as soon as `signal` says so. */
export function pause(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(done, delayMs);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
    signal?.addEventListener("abort", done);
  });
}
