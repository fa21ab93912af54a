import type { Clock } from "../../lib/time.ts";

/** The wall clock, moved ahead as far as a test wants. Never back: what others wrote would lie in the future. */
export interface MovableClock {
  now: Clock;
  advance(elapsedMs: number): void;
  moveTo(moment: string | number): void;
}

export function createMovableClock(): MovableClock {
  let movedMs = 0;
  const now = () => Date.now() + movedMs;
  const advance = (elapsedMs: number) => {
    if (elapsedMs < 0) throw new RangeError("a clock does not run backwards");
    movedMs += elapsedMs;
  };
  return {
    now,
    advance,
    moveTo: (moment) => advance(new Date(moment).getTime() - now()),
  };
}
