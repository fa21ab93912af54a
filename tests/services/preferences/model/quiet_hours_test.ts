import assert from "node:assert/strict";
import { Temporal as Polyfill } from "temporal-polyfill";
import { loadZonedTime, overTemporal } from "../../../../lib/zoned_time.ts";
import { quietUntil } from "../../../../services/preferences/model/mod.ts";
import type { QuietHours } from "../../../../services/preferences/schema.ts";

const everyDay: QuietHours["days"] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const berlin = window("22:00", "07:00", "Europe/Berlin");
const newYork = window("22:00", "08:00", "America/New_York");
const lordHowe = window("22:00", "07:00", "Australia/Lord_Howe");

function window(start: string, end: string, timeZone: string, days = everyDay): QuietHours {
  return { start, end, timeZone, days };
}

/** What is tried, the window, a moment, and when a message of that moment may go; null for at once. */
const cases: [what: string, quiet: QuietHours | null, now: string, until: string | null][] = [
  ["nobody asked for quiet", null, "2026-01-15T23:00:00Z", null],

  // A window within a day: its first minute belongs to it, its end does not.
  ["before noon", window("12:00", "13:30", "UTC"), "2026-01-15T11:59:59.999Z", null],
  ["at noon", window("12:00", "13:30", "UTC"), "2026-01-15T12:00:00Z", "2026-01-15T13:30:00Z"],
  ["at its end", window("12:00", "13:30", "UTC"), "2026-01-15T13:30:00Z", null],

  // Over midnight, in winter: Berlin is an hour ahead of UTC.
  ["the evening before", berlin, "2026-01-15T20:59:59.999Z", null],
  ["ten in the evening", berlin, "2026-01-15T21:00:00Z", "2026-01-16T06:00:00Z"],
  ["after midnight", berlin, "2026-01-16T01:00:00Z", "2026-01-16T06:00:00Z"],
  ["the last moment", berlin, "2026-01-16T05:59:59.999Z", "2026-01-16T06:00:00Z"],
  ["seven in the morning", berlin, "2026-01-16T06:00:00Z", null],
  ["over the year's end", berlin, "2026-12-31T23:30:00Z", "2027-01-01T06:00:00Z"],

  // New York, 2026-03-08: a day of 23 hours, so that a night of ten is nine.
  ["the short night begins", newYork, "2026-03-08T03:00:00Z", "2026-03-08T12:00:00Z"],
  ["before the clock jumps", newYork, "2026-03-08T06:59:00Z", "2026-03-08T12:00:00Z"],
  ["after it jumped", newYork, "2026-03-08T07:00:00Z", "2026-03-08T12:00:00Z"],
  ["the short night is over", newYork, "2026-03-08T12:00:00Z", null],
  // 2026-11-01: a day of 25 hours, and a night of eleven.
  ["the long night begins", newYork, "2026-11-01T02:00:00Z", "2026-11-01T13:00:00Z"],
  ["the repeated hour", newYork, "2026-11-01T06:30:00Z", "2026-11-01T13:00:00Z"],
  ["the long night is over", newYork, "2026-11-01T13:00:00Z", null],

  // Berlin turns its clocks at other dates, and at 2:00 and 3:00.
  ["Berlin's short night", berlin, "2026-03-28T21:00:00Z", "2026-03-29T05:00:00Z"],
  ["Berlin's short night is over", berlin, "2026-03-29T05:00:00Z", null],
  ["Berlin's long night", berlin, "2026-10-24T20:00:00Z", "2026-10-25T06:00:00Z"],
  ["Berlin's long night is over", berlin, "2026-10-25T06:00:00Z", null],
  ["New York has turned, Berlin has not", berlin, "2026-03-15T21:00:00Z", "2026-03-16T06:00:00Z"],

  // Lord Howe turns its clocks by half an hour.
  ["Lord Howe's short night", lordHowe, "2026-10-03T11:30:00Z", "2026-10-03T20:00:00Z"],
  ["before Lord Howe's short night", lordHowe, "2026-10-03T11:29:59Z", null],
  ["Lord Howe's long night", lordHowe, "2026-04-04T11:00:00Z", "2026-04-04T20:30:00Z"],
  ["Lord Howe's long night is over", lordHowe, "2026-04-04T20:30:00Z", null],

  // An edge in the hour that spring skips lies as much later as the clock jumps.
  [
    "an end that is skipped",
    window("23:00", "02:30", "America/New_York"),
    "2026-03-08T07:10:00Z",
    "2026-03-08T07:30:00Z",
  ],
  [
    "a start that is skipped, before it",
    window("02:30", "06:00", "America/New_York"),
    "2026-03-08T07:29:59Z",
    null,
  ],
  [
    "a start that is skipped, after it",
    window("02:30", "06:00", "America/New_York"),
    "2026-03-08T07:30:00Z",
    "2026-03-08T10:00:00Z",
  ],
  [
    "a window that is skipped as a whole",
    window("02:15", "03:00", "America/New_York"),
    "2026-03-08T07:05:00Z",
    null,
  ],
  // An edge in the hour that autumn repeats is the first of the two.
  [
    "an end that comes twice, before the first",
    window("22:00", "01:30", "America/New_York"),
    "2026-11-01T05:29:59Z",
    "2026-11-01T05:30:00Z",
  ],
  [
    "an end that comes twice, between the two",
    window("22:00", "01:30", "America/New_York"),
    "2026-11-01T06:15:00Z",
    null,
  ],
  [
    "a start that comes twice, between the two",
    window("01:30", "05:00", "America/New_York"),
    "2026-11-01T06:10:00Z",
    "2026-11-01T10:00:00Z",
  ],

  // Days are those on which the window opens. 2026-01-16 is a Friday.
  ["Friday night", fridays(), "2026-01-16T23:00:00Z", "2026-01-17T07:00:00Z"],
  ["Saturday morning, still Friday's", fridays(), "2026-01-17T06:59:00Z", "2026-01-17T07:00:00Z"],
  ["Saturday night", fridays(), "2026-01-17T23:00:00Z", null],
  ["Friday morning, Thursday's window", fridays(), "2026-01-16T06:00:00Z", null],
  [
    "it is Friday where the person is, and Thursday in UTC",
    window("08:00", "12:00", "Pacific/Auckland", ["fri"]),
    "2026-01-15T20:30:00Z",
    "2026-01-15T23:00:00Z",
  ],

  // A person who moves takes the window along: the same moment, another zone.
  ["still in Berlin", berlin, "2026-06-01T21:00:00Z", "2026-06-02T05:00:00Z"],
  [
    "moved to Los Angeles",
    { ...berlin, timeZone: "America/Los_Angeles" },
    "2026-06-01T21:00:00Z",
    null,
  ],
  [
    "moved to Los Angeles, at night there",
    { ...berlin, timeZone: "America/Los_Angeles" },
    "2026-06-02T06:00:00Z",
    "2026-06-02T14:00:00Z",
  ],
  [
    "midnight itself is skipped",
    window("00:00", "06:00", "Africa/Cairo"),
    "2026-04-23T22:00:00Z",
    "2026-04-24T03:00:00Z",
  ],
];

function fridays(): QuietHours {
  return window("22:00", "07:00", "UTC", ["fri"]);
}

const implementations = [
  ["as this runtime has it", await loadZonedTime()],
  ["by the polyfill, which the edge runs on", overTemporal(Polyfill)],
] as const;

for (const [which, zoned] of implementations) {
  Deno.test(`quietUntil() keeps to the clock on the person's wall, ${which}`, () => {
    for (const [what, quiet, now, until] of cases) {
      const untilMs = quietUntil(quiet, Date.parse(now), zoned);
      const answered = untilMs === undefined ? null : new Date(untilMs).toISOString();
      assert.equal(answered, until && new Date(until).toISOString(), what);
    }
  });

  Deno.test(`what waits for the end of a quiet window is not held again there, ${which}`, () => {
    for (const [what, quiet, , until] of cases) {
      if (until === null) continue;
      assert.equal(quietUntil(quiet, Date.parse(until), zoned), undefined, what);
    }
  });
}
