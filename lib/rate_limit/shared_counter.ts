import type { Clock, EpochMs } from "../time.ts";
import { createCrowd } from "./crowd.ts";
import { type Quota, type Standing, standing } from "./quota.ts";
import type { Squaring } from "./squaring.ts";
import { advance, count, createTally, resetMs, type Tally } from "./tally.ts";

/** Counts in memory, and with other processes by way of `Squaring`: no call waits for Redis as a rule. */
export interface SharedCounter {
  /**
   * Counts a call where there is room. A promise only for what comes in a burst that outruns what this process may
   * admit by itself: it waits for the one exchange with Redis that runs for everybody.
   */
  take(subject: string): boolean | Promise<boolean>;
  /** How somebody stands, after their call was admitted or not. */
  standingOf(subject: string, admitted: boolean): Standing;
}

export interface SharedCounterOptions {
  quota: Quota;
  now: Clock;
  squaring: Squaring;
  /** How many callers are remembered. */
  callersMax?: number;
}

const callersMaxDefault = 50_000;

export function createSharedCounter(options: SharedCounterOptions): SharedCounter {
  const { quota, now, squaring } = options;
  const { limit } = quota;
  const tallies = createCrowd<Tally>({
    max: options.callersMax ?? callersMaxDefault,
    isWorthKeeping(tally) {
      advance(tally, now());
      return tally.used * 2 >= limit;
    },
    onDrop: squaring.forget,
  });

  function enter(subject: string): Tally {
    const tally = createTally(quota, `limit:${quota.name}:${subject}`);
    tallies.set(subject, tally);
    return tally;
  }

  /** Undefined where it has to be told first what was admitted so far. */
  function takeNow(tally: Tally, nowMs: EpochMs): boolean | undefined {
    advance(tally, nowMs);
    if (tally.used >= limit) return false;
    if (tally.spent >= tally.lease && squaring.isShared()) return undefined;
    count(tally);
    if (tally.spent === 1) squaring.mark(tally);
    if (tally.spent * 2 >= tally.lease) squaring.hurry();
    return true;
  }

  async function takeLater(tally: Tally): Promise<boolean> {
    for (;;) {
      await squaring.round();
      // Each round lets at least one of those who wait through, or ends the waiting.
      const taken = takeNow(tally, now());
      if (taken !== undefined) return taken;
    }
  }

  return {
    take(subject) {
      const tally = tallies.get(subject) ?? enter(subject);
      return takeNow(tally, now()) ?? takeLater(tally);
    },
    standingOf(subject, admitted) {
      const tally = tallies.get(subject) ?? enter(subject);
      advance(tally, now());
      return standing(quota, admitted, limit - tally.used, resetMs(tally, now()));
    },
  };
}
