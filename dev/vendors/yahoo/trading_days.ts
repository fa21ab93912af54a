import type { Instrument } from "./instruments.ts";

const daySeconds = 86_400;
const hourSeconds = 3_600;

export interface TradingDay {
  startSeconds: number;
  endSeconds: number;
}

type Place = Pick<Instrument, "timeZone" | "type">;

/** Opening and closing bell in local hours; the stand-in's exchanges keep weekends and no holidays. */
const bells: Record<string, { open: number; close: number; pre: number; post: number }> = {
  "America/New_York": { pre: 4, open: 9.5, close: 16, post: 20 },
  "Europe/London": { pre: 5.25, open: 8, close: 16.5, post: 17.25 },
};

/** The trading day with this number of days since the epoch; undefined on a weekend of an exchange. */
export function tradingDayOf(place: Place, day: number): TradingDay | undefined {
  const midnight = day * daySeconds;
  // Yahoo ends a coin's day with its last minute.
  if (place.type === "CRYPTOCURRENCY") {
    return { startSeconds: midnight, endSeconds: midnight + daySeconds - 60 };
  }
  const { open, close } = hoursOf(place);
  const weekday = (day + 4) % 7;
  if (weekday === 0 || weekday === 6) return undefined;
  return { startSeconds: localHour(place, day, open), endSeconds: localHour(place, day, close) };
}

/** The trading day of the calendar day that it is at the exchange at this moment. */
export function tradingDayAt(place: Place, atSeconds: number): TradingDay | undefined {
  return tradingDayOf(place, localDay(place, atSeconds));
}

/** Yahoo's `currentTradingPeriod`: of today, or of the next trading day. */
export function currentTradingPeriod(place: Place, atSeconds: number) {
  let day = localDay(place, atSeconds);
  while (!tradingDayOf(place, day)) day++;
  const regular = tradingDayOf(place, day) ?? { startSeconds: atSeconds, endSeconds: atSeconds };
  const { pre, post } = hoursOf(place);
  const isCoin = place.type === "CRYPTOCURRENCY";
  const preStart = isCoin ? regular.startSeconds : localHour(place, day, pre);
  const postEnd = isCoin ? regular.endSeconds : localHour(place, day, post);
  const offset = {
    timezone: zoneName(place, atSeconds),
    gmtoffset: offsetSeconds(place, atSeconds),
  };
  return {
    pre: { ...offset, start: preStart, end: regular.startSeconds },
    regular: { ...offset, start: regular.startSeconds, end: regular.endSeconds },
    post: { ...offset, start: regular.endSeconds, end: postEnd },
  };
}

function hoursOf({ timeZone }: Place) {
  return bells[timeZone] ?? { pre: 0, open: 0, close: 24, post: 24 };
}

function localDay(place: Place, atSeconds: number): number {
  return Math.floor((atSeconds + offsetSeconds(place, atSeconds)) / daySeconds);
}

function localHour(place: Place, day: number, hour: number): number {
  const asUtc = day * daySeconds + hour * hourSeconds;
  return asUtc - offsetSeconds(place, asUtc);
}

/** East of Greenwich. Both zones change their clocks at night, when nobody trades, so that the day decides. */
export function offsetSeconds({ timeZone }: Place, atSeconds: number): number {
  if (timeZone === "America/New_York") {
    return (isSummer(atSeconds, [2, 2], [10, 1]) ? -4 : -5) * hourSeconds;
  }
  if (timeZone === "Europe/London") return isSummer(atSeconds, [2, -1], [9, -1]) ? hourSeconds : 0;
  return 0;
}

export function zoneName(place: Place, atSeconds: number): string {
  const hours = offsetSeconds(place, atSeconds) / hourSeconds;
  if (place.timeZone === "America/New_York") return hours === -4 ? "EDT" : "EST";
  return place.timeZone === "Europe/London" ? (hours === 1 ? "BST" : "GMT") : "UTC";
}

/** Between the nth Sunday of one month and that of another; -1 is the last one. */
function isSummer(
  atSeconds: number,
  [startMonth, startNth]: number[],
  [endMonth, endNth]: number[],
) {
  const year = new Date(atSeconds * 1_000).getUTCFullYear();
  return atSeconds >= sunday(year, startMonth ?? 0, startNth ?? 1) &&
    atSeconds < sunday(year, endMonth ?? 0, endNth ?? 1);
}

function sunday(year: number, month: number, nth: number): number {
  const first = new Date(Date.UTC(year, nth > 0 ? month : month + 1, nth > 0 ? 1 : 0));
  const weekday = first.getUTCDay();
  const shift = nth > 0 ? (7 - weekday) % 7 + (nth - 1) * 7 : -weekday;
  return first.getTime() / 1_000 + shift * daySeconds;
}
