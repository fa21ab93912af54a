import { metrics } from "./metrics.ts";
import type { Clock } from "./time.ts";

export interface BreakerOptions {
  /** Under which its state is shown to whoever watches. */
  name?: string;
  now: Clock;
  /** Failures in a row that open it. */
  failures: number;
  /** How long it stays open before one call may try again. */
  openMs: number;
  onChange?: (state: BreakerState) => void;
}

export type BreakerState = "closed" | "open" | "half_open";

export interface Breaker {
  /** False while calls would only wait for a peer that is known to be down. */
  allows(): boolean;
  succeeded(): void;
  failed(): void;
  state(): BreakerState;
}

const numbers: Record<BreakerState, number> = { closed: 0, half_open: 1, open: 2 };

const stateGauge = metrics.gauge(
  "almanac_circuit_state",
  "Circuit breakers: 0 closed, 1 half open, 2 open.",
  ["circuit"],
);

/** A circuit breaker: after `failures` in a row it refuses for `openMs`, then lets one call through to find out. */
export function createBreaker(options: BreakerOptions): Breaker {
  let state: BreakerState = "closed";
  let failuresInARow = 0;
  let openUntilMs = 0;
  const shown = options.name === undefined ? undefined : stateGauge(options.name);
  shown?.set(numbers[state]);

  function become(next: BreakerState) {
    if (next === state) return;
    state = next;
    shown?.set(numbers[next]);
    options.onChange?.(next);
  }

  return {
    allows() {
      if (state === "closed") return true;
      if (options.now() < openUntilMs) return false;
      // One probe at a time: whoever asks next waits for another period unless the probe succeeds.
      openUntilMs = options.now() + options.openMs;
      become("half_open");
      return true;
    },
    succeeded() {
      failuresInARow = 0;
      become("closed");
    },
    failed() {
      failuresInARow++;
      if (state === "closed" && failuresInARow < options.failures) return;
      openUntilMs = options.now() + options.openMs;
      become("open");
    },
    state: () => state,
  };
}
