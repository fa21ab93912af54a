import { dayMs, type EpochMs, hourMs, minuteMs } from "./time.ts";

/** A calendar day as the number of days since 1970-01-01: two days subtract, and a day is a key of a map. */
export type DayNumber = number;

/** Hours in which the New York exchanges trade on one day. */
export interface TradingHours {
  openMs: EpochMs;
  closeMs: EpochMs;
}

/** Before the open (from 04:00), regular hours, after the close (four hours long), or no trading at all. */
export type TradingPhase = "pre" | "regular" | "post" | "closed";

/** The day of `2026-01-31`. */
export function dayNumber(text: string): DayNumber {
  return Date.parse(`${text}T00:00:00Z`) / dayMs;
}

/** `2026-01-31` again. */
export function dayText(day: DayNumber): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** The day in UTC. */
export function utcDay(moment: EpochMs): DayNumber {
  return Math.floor(moment / dayMs);
}

/** The day in New York. */
function newYorkDay(moment: EpochMs): DayNumber {
  return utcDay(moment + newYorkOffsetMs(moment));
}

/** Whether the New York exchanges open at all on a day. */
export function isTradingDay(day: DayNumber): boolean {
  return weekdayOf(day) < 5 && !calendarYear(yearOf(day)).closed.has(day);
}

/** The regular hours of a day in New York, or undefined where the exchanges stay closed. */
export function tradingHours(day: DayNumber): TradingHours | undefined {
  if (!isTradingDay(day)) return undefined;
  // Clocks change on Sundays, so that noon has the offset of the whole session.
  const midnightMs = day * dayMs - newYorkOffsetMs((day + 0.5) * dayMs);
  const endsEarly = calendarYear(yearOf(day)).early.has(day);
  const closeMinutes = endsEarly ? 13 * 60 : 16 * 60;
  return {
    openMs: midnightMs + (9 * 60 + 30) * minuteMs,
    closeMs: midnightMs + closeMinutes * minuteMs,
  };
}

/** What the New York exchanges do at a moment. The open belongs to the regular hours, the close no longer. */
export function tradingPhase(moment: EpochMs): TradingPhase {
  const hours = tradingHours(newYorkDay(moment));
  if (hours === undefined) return "closed";
  const { openMs, closeMs } = hours;
  if (moment < openMs) return moment < openMs - 5.5 * hourMs ? "closed" : "pre";
  if (moment < closeMs) return "regular";
  return moment < closeMs + 4 * hourMs ? "post" : "closed";
}

/** The hours of the session that is on, or else of the next one. */
export function currentOrNextHours(moment: EpochMs): TradingHours {
  for (let day = newYorkDay(moment);; day++) {
    const hours = tradingHours(day);
    if (hours && moment < hours.closeMs) return hours;
  }
}

/** The last day whose session has begun. */
export function lastTradingDay(moment: EpochMs): DayNumber {
  for (let day = newYorkDay(moment);; day--) {
    const hours = tradingHours(day);
    if (hours && hours.openMs <= moment) return day;
  }
}

interface CalendarYear {
  closed: ReadonlySet<DayNumber>;
  early: ReadonlySet<DayNumber>;
}

const years = new Map<number, CalendarYear>();

function calendarYear(year: number): CalendarYear {
  let known = years.get(year);
  if (known === undefined) {
    known = { closed: new Set(holidays(year)), early: new Set(earlyCloses(year)) };
    years.set(year, known);
  }
  return known;
}

/**
 * Days on which the New York Stock Exchange stays closed: its rule 7.2 and, by name, the days of mourning and disaster
 * since 1998. A holiday on a Sunday is kept on Monday, one on a Saturday on Friday; New Year's Day is the exception,
 * since the last day of an accounting year is traded.
 */
function holidays(year: number): DayNumber[] {
  const newYear = dayOf(year, 1, 1);
  return [
    weekdayOf(newYear) === 6 ? newYear + 1 : newYear,
    nthWeekday(year, 1, 0, 3),
    nthWeekday(year, 2, 0, 3),
    easterSunday(year) - 2,
    lastWeekday(year, 5, 0),
    ...(year >= 2022 ? [observed(dayOf(year, 6, 19))] : []),
    observed(dayOf(year, 7, 4)),
    nthWeekday(year, 9, 0, 1),
    nthWeekday(year, 11, 3, 4),
    observed(dayOf(year, 12, 25)),
    ...unscheduled.filter((text) => text.startsWith(`${year}-`)).map(dayNumber),
  ];
}

/** The attacks of 2001, the funerals of four presidents, and hurricane Sandy. */
const unscheduled = [
  "2001-09-11",
  "2001-09-12",
  "2001-09-13",
  "2001-09-14",
  "2004-06-11",
  "2007-01-02",
  "2012-10-29",
  "2012-10-30",
  "2018-12-05",
  "2025-01-09",
];

/** Days that end at 13:00: around Independence Day, the day after Thanksgiving, Christmas Eve. */
function earlyCloses(year: number): DayNumber[] {
  const independence = dayOf(year, 7, 4);
  const weekday = weekdayOf(independence);
  const days = [nthWeekday(year, 11, 3, 4) + 1, dayOf(year, 12, 24)];
  // Until 2012 a Thursday's holiday shortened the Friday behind it, since then the Wednesday before.
  if (weekday === 3 && year < 2013) days.push(independence + 1);
  else if (weekday >= 1 && weekday <= 4) days.push(independence - 1);
  if (year === 2003) days.push(dayOf(year, 12, 26));
  return days;
}

/** 0 for Monday to 6 for Sunday; 1970-01-01 was a Thursday. */
function weekdayOf(day: DayNumber): number {
  return (((day + 3) % 7) + 7) % 7;
}

function yearOf(day: DayNumber): number {
  return new Date(day * dayMs).getUTCFullYear();
}

function dayOf(year: number, month: number, dayOfMonth: number): DayNumber {
  return Date.UTC(year, month - 1, dayOfMonth) / dayMs;
}

function nthWeekday(year: number, month: number, weekday: number, nth: number): DayNumber {
  const first = dayOf(year, month, 1);
  return first + (weekday - weekdayOf(first) + 7) % 7 + (nth - 1) * 7;
}

function lastWeekday(year: number, month: number, weekday: number): DayNumber {
  const last = dayOf(year, month + 1, 0);
  return last - (weekdayOf(last) - weekday + 7) % 7;
}

function observed(day: DayNumber): DayNumber {
  const weekday = weekdayOf(day);
  return weekday === 5 ? day - 1 : weekday === 6 ? day + 1 : day;
}

/** Gregorian Easter, Oudin's arithmetic of 1940, as the Explanatory Supplement to the Astronomical Almanac gives it. */
function easterSunday(year: number): DayNumber {
  const a = year % 19, b = Math.floor(year / 100);
  const skipped = b - Math.floor(b / 4) - Math.floor((8 * b + 13) / 25);
  const h = (19 * a + skipped + 15) % 30;
  const i = h - Math.floor(h / 28) * (1 - Math.floor(29 / (h + 1)) * Math.floor((21 - a) / 11));
  const weekday = (year + Math.floor(year / 4) + i + 2 - b + Math.floor(b / 4)) % 7;
  const offset = i - weekday;
  const month = 3 + Math.floor((offset + 40) / 44);
  return dayOf(year, month, offset + 28 - 31 * Math.floor(month / 4));
}

/**
 * New York is five hours behind UTC, four in summer: since 2007 from the second Sunday of March to the first of
 * November (Energy Policy Act of 2005, section 110), before from the first of April to the last of October.
 */
function newYorkOffsetMs(moment: EpochMs): number {
  const year = new Date(moment).getUTCFullYear();
  const [begin, end] = summerOf(year);
  return moment >= begin && moment < end ? -4 * hourMs : -5 * hourMs;
}

const summers = new Map<number, [beginMs: EpochMs, endMs: EpochMs]>();

function summerOf(year: number): [EpochMs, EpochMs] {
  let known = summers.get(year);
  if (known === undefined) {
    const [begin, end] = year >= 2007
      ? [nthWeekday(year, 3, 6, 2), nthWeekday(year, 11, 6, 1)]
      : [nthWeekday(year, 4, 6, 1), lastWeekday(year, 10, 6)];
    // Both changes happen at two in the morning by the clock that ends.
    known = [begin * dayMs + 7 * hourMs, end * dayMs + 6 * hourMs];
    summers.set(year, known);
  }
  return known;
}
