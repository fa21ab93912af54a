import { type EpochMs, hourMs, minuteMs, secondMs } from "../../../lib/time.ts";

/** The waits between tries of one message; after the last of them it is dead. */
const retryDelaysMs = [10 * secondMs, minuteMs, 10 * minuteMs, hourMs, 6 * hourMs];

/** How often a message is tried at all. */
export const triesMax = retryDelaysMs.length + 1;

/** After an answer that never came, a receipt may still tell what happened, so the message rests for this long. */
export const unknownRestMs = 10 * minuteMs;

/**
 * When the next try of a message is due after `attempts` tries, undefined where there is none. A vendor's own wish
 * counts where it is longer. `jitter` is in 0..1: tries of many messages spread over a fifth of the wait.
 */
export function nextTryMs(
  attempts: number,
  nowMs: EpochMs,
  jitter: number,
  retryAfterMs = 0,
): EpochMs | undefined {
  const delayMs = retryDelaysMs[attempts - 1];
  if (delayMs === undefined) return undefined;
  return nowMs + Math.round(Math.max(delayMs * (0.9 + 0.2 * jitter), retryAfterMs));
}
