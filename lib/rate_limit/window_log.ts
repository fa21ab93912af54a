import type { EpochMs } from "../time.ts";

/** The moments of the calls that one process has admitted, oldest first: exact, for limits that are small. */
export interface WindowLog {
  admittedMs: EpochMs[];
  /** Before that nothing can become free, whoever admitted what stands in the way. */
  fullUntilMs: EpochMs;
}

export function createWindowLog(): WindowLog {
  return { admittedMs: [], fullUntilMs: 0 };
}

/** Forgets what has left the window: a call counts for exactly as long as the window is. */
export function prune(log: WindowLog, nowMs: EpochMs, windowMs: number): void {
  const firstInside = log.admittedMs.findIndex((atMs) => atMs > nowMs - windowMs);
  if (firstInside !== 0) {
    log.admittedMs.splice(0, firstInside === -1 ? log.admittedMs.length : firstInside);
  }
}

/** Keeps the order also where calls that were asked one after the other are answered the other way round. */
export function record(log: WindowLog, atMs: EpochMs): void {
  let at = log.admittedMs.length;
  while (at > 0 && log.admittedMs[at - 1]! > atMs) at--;
  log.admittedMs.splice(at, 0, atMs);
}
