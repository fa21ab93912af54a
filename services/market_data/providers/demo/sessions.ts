import {
  type DayNumber,
  isTradingDay,
  lastTradingDay,
  type TradingHours,
  tradingHours,
  tradingPhase,
  utcDay,
} from "../../../../lib/calendar.ts";
import { dayMs, type EpochMs } from "../../../../lib/time.ts";
import type { Session } from "../../ports.ts";
import { firstDay } from "./common_factor.ts";

/** The days on which something trades, numbered from the first day of the demo market. */
export interface Sessions {
  daysPerYear: number;
  dayAt(index: number): DayNumber;
  hoursAt(index: number): TradingHours;
  /** The session that is on or was the last; -1 before the first. */
  indexAt(moment: EpochMs): number;
  /** The first session on or after a day. */
  indexFrom(day: DayNumber): number;
  phaseAt(moment: EpochMs): Session;
}

/** Every day around the clock, in UTC. */
export const aroundTheClock: Sessions = {
  daysPerYear: 365,
  dayAt: (index) => firstDay + index,
  hoursAt: (index) => ({
    openMs: (firstDay + index) * dayMs,
    closeMs: (firstDay + index + 1) * dayMs,
  }),
  indexAt: (moment) => Math.max(utcDay(moment) - firstDay, -1),
  indexFrom: (day) => Math.max(day - firstDay, 0),
  phaseAt: () => "regular",
};

/** New York's regular hours. The list of days grows as far as it is asked for. */
export function createNewYorkSessions(): Sessions {
  const days: DayNumber[] = [];
  /** By day since the first: how many sessions came before it. */
  const before: number[] = [];

  function extendTo(day: DayNumber) {
    for (let next = firstDay + before.length; next <= day; next++) {
      before.push(days.length);
      if (isTradingDay(next)) days.push(next);
    }
  }

  function dayAt(index: number): DayNumber {
    while (days.length <= index) extendTo(firstDay + before.length);
    return days[index] ?? firstDay;
  }

  function indexFrom(day: DayNumber): number {
    extendTo(day);
    return before[day - firstDay] ?? 0;
  }

  return {
    daysPerYear: 252,
    dayAt,
    hoursAt: (index) => tradingHours(dayAt(index)) ?? { openMs: 0, closeMs: 0 },
    indexAt(moment) {
      const day = lastTradingDay(moment);
      return day < firstDay ? -1 : indexFrom(day);
    },
    indexFrom,
    phaseAt: tradingPhase,
  };
}
