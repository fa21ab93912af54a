import { type EpochMs, minuteMs, secondMs } from "../../../lib/time.ts";

const freeFailures = 5;
const lockMsMax = minuteMs;

/**
 * Until when an account takes no password after so many failures in a row: nothing for the first four, then 1 s, 2 s,
 * 4 s … 60 s. A guesser gets some 1,400 tries a day, and nobody can lock somebody else out for long.
 */
export function lockedUntilMs(failures: number, nowMs: EpochMs): EpochMs | null {
  if (failures < freeFailures) return null;
  return nowMs + Math.min(lockMsMax, secondMs * 2 ** Math.min(20, failures - freeFailures));
}
