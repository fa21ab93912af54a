import { type DayNumber, dayNumber } from "../../../../lib/calendar.ts";
import type { CommonFactor } from "./common_factor.ts";
import type { Instrument } from "./instruments.ts";
import { keyOf, normalAt, uniformAt } from "./noise.ts";
import type { Sessions } from "./sessions.ts";

/** One day of an instrument, in dollars that are not yet rounded. */
export interface DayBar {
  previousClose: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

export interface History {
  /** The bar of a session; the first call for a later one computes the closes between. */
  barAt(index: number): DayBar;
}

/** Pull of a price towards its trend, a session: a half-life of most of a year. */
const pull = 0.004;
const returnMin = -0.3;
const returnMax = 0.35;
/** From here on trends grow moderately, so that decades ahead no coin is worth the world. */
const moderateFrom = dayNumber("2026-01-01");

/**
 * Closes of an instrument: a trend, times a deviation that the day's shock moves and that is pulled back to 1. The
 * shock is the common one and its own, mixed to the instrument's correlation.
 */
export function createHistory(
  instrument: Instrument,
  sessions: Sessions,
  common: CommonFactor,
): History {
  const own = keyOf(`${instrument.symbol} shock`);
  const details = keyOf(`${instrument.symbol} day`);
  const ownShare = Math.sqrt(1 - instrument.correlation * instrument.correlation);
  const dailyVolatility = instrument.volatility / Math.sqrt(sessions.daysPerYear);
  /** Begins with the eve of the first session, so that session n's close stands at n + 1. */
  const closes = [instrument.level];
  let trend = instrument.level;
  let deviation = 1;

  function extendTo(index: number) {
    for (let next = closes.length - 1; next <= index; next++) {
      const day = sessions.dayAt(next);
      const shared = common.shockOn(day, instrument.isCoin);
      const shock = instrument.correlation * shared + ownShare * normalAt(own, day);
      const change = volatilityOn(day) * shock;
      deviation += deviation * Math.min(Math.max(change, returnMin), returnMax) +
        pull * (1 - deviation);
      trend += trend * growthOn(instrument, day) / sessions.daysPerYear;
      closes.push(trend * deviation);
    }
  }

  function volatilityOn(day: DayNumber): number {
    return dailyVolatility * common.restlessnessOn(day);
  }

  return {
    barAt(index) {
      extendTo(index);
      const day = sessions.dayAt(index);
      const previousClose = closes[index] ?? NaN;
      const close = closes[index + 1] ?? NaN;
      const volatility = volatilityOn(day);
      const change = close / previousClose - 1;
      const gap = 0.3 * change + 0.25 * volatility * normalAt(details, 4 * day);
      // What trades around the clock opens where it closed.
      const open = instrument.isCoin ? previousClose : previousClose * (1 + gap);
      const reach = (at: number) => volatility * (0.1 + 0.8 * uniformAt(details, 8 * day + at));
      return {
        previousClose,
        open,
        close,
        high: Math.max(open, close) * (1 + reach(2)),
        low: Math.min(open, close) * (1 - reach(3)),
        volume: volumeOf(instrument, uniformAt(details, 8 * day + 4), change / dailyVolatility),
      };
    },
  };
}

function growthOn({ growth }: Instrument, day: DayNumber): number {
  return day < moderateFrom ? growth : Math.min(Math.max(growth, -0.02), 0.08);
}

/** Busier where the price moved more. */
function volumeOf({ volume }: Instrument, chance: number, move: number): number {
  return Math.round(volume * (0.5 + 0.4 * chance + 0.4 * Math.min(Math.abs(move), 4)));
}
