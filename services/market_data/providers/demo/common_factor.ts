import { type DayNumber, dayNumber } from "../../../../lib/calendar.ts";
import { keyOf, normalAt } from "./noise.ts";

/** What all instruments share on a day: the market's shock, and how restless its days are just now. */
export interface CommonFactor {
  /** Mean 0, variance 1. Coins have one of their own, which follows the market's only a little. */
  shockOn(day: DayNumber, isCoin: boolean): number;
  /** Around 1; a factor on every instrument's own volatility. */
  restlessnessOn(day: DayNumber): number;
}

/** The first day of the demo market. */
export const firstDay = dayNumber("2015-01-02");

const marketShocks = keyOf("market");
const coinShocks = keyOf("coins");
const coinsWithMarket = 0.35;
const coinsAlone = Math.sqrt(1 - coinsWithMarket * coinsWithMarket);
const restlessnessMin = 0.5;
const restlessnessMax = 2.5;

/** Restless days follow restless days: a GARCH(1, 1) process with variance 1 (Bollerslev 1986), kept within bounds. */
export function createCommonFactor(): CommonFactor {
  const restlessness: number[] = [];
  let variance = 1;

  function extendTo(day: DayNumber) {
    for (let next = firstDay + restlessness.length; next <= day; next++) {
      const deviation = Math.sqrt(variance);
      restlessness.push(Math.min(Math.max(deviation, restlessnessMin), restlessnessMax));
      const shock = normalAt(marketShocks, next);
      variance = 0.04 + variance * (0.86 + 0.1 * shock * shock);
    }
  }

  return {
    shockOn(day, isCoin) {
      const market = normalAt(marketShocks, day);
      return isCoin ? coinsWithMarket * market + coinsAlone * normalAt(coinShocks, day) : market;
    },
    restlessnessOn(day) {
      extendTo(day);
      return restlessness[day - firstDay] ?? 1;
    },
  };
}
