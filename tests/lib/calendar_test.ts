import assert from "node:assert/strict";
import {
  currentOrNextHours,
  dayNumber,
  dayText,
  isTradingDay,
  lastTradingDay,
  tradingHours,
  tradingPhase,
} from "../../lib/calendar.ts";
import { hourMs } from "../../lib/time.ts";
import { testWithShared } from "../support/shared_data.ts";

interface MarketHours {
  holidays: string[];
  earlyCloses: Record<string, string>;
}

const instant = (text: string) => Date.parse(text);
/** `11/26/1999` as `1999-11-26`. */
const isoDay = (text: string) =>
  text.split("/").map((part) => part.padStart(2, "0")).join("-").replace(
    /^(..-..)-(....)$/,
    "$2-$1",
  );

testWithShared(
  "the rules give every holiday and early close of New York from 1998 to 2028, and no other",
  "calendar/us_equity_hours.json",
  (data: Record<string, MarketHours>) => {
    const { holidays, earlyCloses } = data["Equity-usa-[*]"]!;
    const closed = new Set(holidays.map(isoDay));
    const early = new Set(Object.keys(earlyCloses).map(isoDay));
    const wrong: string[] = [];
    for (let day = dayNumber("1998-01-01"); day <= dayNumber("2028-12-31"); day++) {
      const text = dayText(day);
      const weekend = [0, 6].includes(new Date(`${text}T12:00Z`).getUTCDay());
      const hours = tradingHours(day);
      if ((hours === undefined) !== (weekend || closed.has(text))) wrong.push(`closed ${text}`);
      // The list of early closes begins in 1999.
      if (hours === undefined || text < "1999") continue;
      const lengthMs = hours.closeMs - hours.openMs;
      if (lengthMs !== (early.has(text) ? 3.5 : 6.5) * hourMs) wrong.push(`early ${text}`);
    }
    assert.deepEqual(wrong, []);
  },
);

Deno.test("sessions open at 09:30 by New York's clock, in both halves of every year", () => {
  const clock = new Intl.DateTimeFormat("en-GB", {
    timeZone: "America/New_York",
    dateStyle: "short",
    timeStyle: "short",
  });
  for (let day = dayNumber("1999-01-01"); day < dayNumber("2035-01-01"); day++) {
    const hours = tradingHours(day);
    if (!hours) continue;
    const [year, month, date] = dayText(day).split("-");
    assert.equal(clock.format(hours.openMs), `${date}/${month}/${year}, 09:30`);
  }
});

Deno.test("tradingPhase() knows what New York does at any moment", () => {
  const cases: [at: string, phase: string][] = [
    ["2026-11-20T08:59:59Z", "closed"],
    ["2026-11-20T09:00:00Z", "pre"],
    ["2026-11-20T14:29:59.999Z", "pre"],
    ["2026-11-20T14:30:00Z", "regular"],
    ["2026-11-20T20:59:59.999Z", "regular"],
    ["2026-11-20T21:00:00Z", "post"],
    ["2026-11-21T01:00:00Z", "closed"],
    ["2026-11-21T15:00:00Z", "closed"],
    ["2026-11-26T15:00:00Z", "closed"],
    ["2026-11-27T17:59:59Z", "regular"],
    ["2026-11-27T18:00:00Z", "post"],
    ["2026-07-10T13:30:00Z", "regular"],
  ];
  for (const [at, phase] of cases) assert.equal(tradingPhase(instant(at)), phase, at);
});

Deno.test("currentOrNextHours() and lastTradingDay() step over nights, weekends and holidays", () => {
  const cases: [at: string, nextOpen: string, last: string][] = [
    ["2026-11-20T14:29:59Z", "2026-11-20T14:30:00.000Z", "2026-11-19"],
    ["2026-11-20T15:00:00Z", "2026-11-20T14:30:00.000Z", "2026-11-20"],
    ["2026-11-20T21:00:00Z", "2026-11-23T14:30:00.000Z", "2026-11-20"],
    // By UTC it is Monday already, by New York's clock still Sunday.
    ["2026-11-23T03:00:00Z", "2026-11-23T14:30:00.000Z", "2026-11-20"],
    ["2026-12-24T19:00:00Z", "2026-12-28T14:30:00.000Z", "2026-12-24"],
  ];
  for (const [at, nextOpen, last] of cases) {
    assert.equal(new Date(currentOrNextHours(instant(at)).openMs).toISOString(), nextOpen, at);
    assert.equal(dayText(lastTradingDay(instant(at))), last, at);
  }
});

Deno.test("days of mourning and disaster are not trading days", () => {
  for (const day of ["2001-09-11", "2012-10-29", "2018-12-05", "2025-01-09"]) {
    assert.equal(isTradingDay(dayNumber(day)), false, day);
  }
});
