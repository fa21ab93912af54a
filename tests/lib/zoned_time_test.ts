import assert from "node:assert/strict";
import fc from "fast-check";
import { Temporal as Polyfill } from "temporal-polyfill";
import { loadZonedTime, overTemporal } from "../../lib/zoned_time.ts";

const own = (globalThis as { Temporal?: typeof Polyfill }).Temporal;
const polyfilled = overTemporal(Polyfill);
const zones = [
  "UTC",
  "America/New_York",
  "Europe/London",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "America/St_Johns",
  "Africa/Casablanca",
];
const timeZone = fc.constantFrom(...zones);
const moment = fc.integer({ min: Date.UTC(1975, 0), max: Date.UTC(2060, 0) });
const day = fc.record({
  year: fc.integer({ min: 1975, max: 2060 }),
  month: fc.integer({ min: 1, max: 12 }),
  day: fc.integer({ min: 1, max: 28 }),
});
const time = fc.record({ hour: fc.nat(23), minute: fc.nat(59) });

Deno.test({
  name: own
    ? "the polyfill and the runtime's own Temporal give the same days and moments"
    : "the polyfill and the runtime's own Temporal agree (skipped: this runtime has none)",
  ignore: own === undefined,
  fn() {
    if (own === undefined) return;
    const native = overTemporal(own);
    fc.assert(fc.property(moment, timeZone, (epochMs, zone) => {
      assert.deepEqual(polyfilled.localDay(epochMs, zone), native.localDay(epochMs, zone));
    }));
    fc.assert(fc.property(day, time, timeZone, (local, at, zone) => {
      assert.equal(polyfilled.toEpochMs(local, at, zone), native.toEpochMs(local, at, zone));
      assert.equal(polyfilled.weekday(local), native.weekday(local));
    }));
    fc.assert(fc.property(day, fc.integer({ min: -40_000, max: 40_000 }), (local, days) => {
      assert.deepEqual(polyfilled.addDays(local, days), native.addDays(local, days));
    }));
  },
});

for (
  const [which, zoned] of [["loaded", await loadZonedTime()], ["polyfill", polyfilled]] as const
) {
  Deno.test(`the hour that spring skips and the hour that autumn repeats have the moments of RFC 5545 (${which})`, () => {
    const at = (month: number, date: number, hour: number, minute: number, zone: string) =>
      new Date(
        zoned.toEpochMs({ year: 2026, month, day: date }, { hour, minute }, zone),
      ).toISOString();
    const zone = "America/New_York";
    assert.equal(at(3, 8, 1, 59, zone), "2026-03-08T06:59:00.000Z");
    assert.equal(at(3, 8, 2, 30, zone), "2026-03-08T07:30:00.000Z"); // 3:30 in summer time
    assert.equal(at(3, 8, 3, 0, zone), "2026-03-08T07:00:00.000Z");
    assert.equal(at(11, 1, 1, 30, zone), "2026-11-01T05:30:00.000Z"); // the first of the two
    assert.equal(at(11, 1, 2, 0, zone), "2026-11-01T07:00:00.000Z");
    // Half an hour of daylight saving.
    assert.equal(at(10, 4, 2, 15, "Australia/Lord_Howe"), "2026-10-03T15:45:00.000Z");
    assert.equal(at(6, 1, 0, 0, "Asia/Kathmandu"), "2026-05-31T18:15:00.000Z");
  });

  Deno.test(`days count through leap years, year ends and skipped days (${which})`, () => {
    assert.deepEqual(zoned.addDays({ year: 2028, month: 2, day: 28 }, 1), {
      year: 2028,
      month: 2,
      day: 29,
    });
    assert.deepEqual(zoned.addDays({ year: 2027, month: 2, day: 28 }, 1), {
      year: 2027,
      month: 3,
      day: 1,
    });
    assert.deepEqual(zoned.addDays({ year: 2026, month: 1, day: 1 }, -1), {
      year: 2025,
      month: 12,
      day: 31,
    });
    assert.equal(zoned.weekday({ year: 2026, month: 1, day: 31 }), 5);
    assert.equal(zoned.weekday({ year: 2026, month: 2, day: 2 }), 0);
    // Samoa had no 30 December 2011.
    const local = (iso: string) => zoned.localDay(Date.parse(iso), "Pacific/Apia");
    assert.deepEqual(local("2011-12-30T09:59:00Z"), { year: 2011, month: 12, day: 29 });
    assert.deepEqual(local("2011-12-30T10:00:00Z"), { year: 2011, month: 12, day: 31 });
  });
}
