import { compareDecimals } from "../../../lib/money.ts";

export type Side = "above" | "below";

/** What of an alert decides whether it fires. */
export interface Watched {
  direction: Side;
  level: string;
  side: Side;
  armed: boolean;
  repeat: { mode: "once" | "rearm" | "cooldown"; seconds?: number };
  lastFiredAtMs: number | null;
}

export interface Judgement {
  fires: boolean;
  side: Side;
  armed: boolean;
}

/** On which side of a level a price stands; exactly on it counts as having reached it, whichever way it is watched. */
export function sideOf(price: string, level: string, direction: Side): Side {
  const order = compareDecimals(price, level);
  if (order === 0) return direction;
  return order > 0 ? "above" : "below";
}

/**
 * Fires on the crossing, not on every price past the level; a gap over the level counts. `once` fires one time,
 * `rearm` again after the condition has been false, `cooldown` at a crossing that comes later than its seconds.
 */
export function judge(watched: Watched, price: string, nowMs: number): Judgement {
  const side = sideOf(price, watched.level, watched.direction);
  const crossed = side === watched.direction && watched.side !== watched.direction;
  const armed = watched.armed || watched.repeat.mode === "rearm" && side !== watched.direction ||
    watched.repeat.mode === "cooldown" && isCool(watched, nowMs);
  if (!crossed || !armed) return { fires: false, side, armed };
  return { fires: true, side, armed: false };
}

function isCool({ lastFiredAtMs, repeat }: Watched, nowMs: number): boolean {
  return lastFiredAtMs === null || nowMs - lastFiredAtMs >= (repeat.seconds ?? 0) * 1_000;
}
