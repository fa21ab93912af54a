import { dayMs, type EpochMs } from "../../../lib/time.ts";

/** What is known of a session when one of its refresh tokens comes in. */
export interface Chain {
  /** The newest token that was given out. */
  n: number;
  expiresAtMs: EpochMs;
  revoked: boolean;
}

/**
 * `advance`: the newest token is spent and gets the next one. `repeat`: the one before it came back, because an answer
 * got lost or two tabs woke up together, and gets the newest once more. `reuse`: a token that has been superseded
 * twice, so somebody holds a copy. `ended`: the session is over, or never gave out such a token.
 */
export type RefreshVerdict = "advance" | "repeat" | "reuse" | "ended";

const idleMs = 30 * dayMs;
const sessionMs = 365 * dayMs;

/** Judges token `n` of a session. While the newest is unused, the one before it may come back however late. */
export function judgeRefresh(chain: Chain, n: number, nowMs: EpochMs): RefreshVerdict {
  if (chain.revoked || chain.expiresAtMs <= nowMs || n > chain.n) return "ended";
  if (n === chain.n) return "advance";
  return n === chain.n - 1 ? "repeat" : "reuse";
}

/** Until when a session can be refreshed: 30 days from its last use, and a year from its beginning (ASVS 5.0, V7.3). */
export function sessionEndMs(createdAtMs: EpochMs, usedAtMs: EpochMs): EpochMs {
  return Math.min(usedAtMs + idleMs, createdAtMs + sessionMs);
}
