import assert from "node:assert/strict";
import fc from "fast-check";
import { dueSlots } from "../../../../services/jobs/model/due_slots.ts";
import { describeTiming } from "../../../../services/jobs/model/slots.ts";

const minute = 60;
const hour = 3_600;
const day = 86_400;

/** Seconds after midnight throughout: the period, an offset, the last slot started, the tick, what it starts. */
const cases: [
  what: string,
  every: number,
  offset: number,
  last: number,
  now: number,
  slots: number[],
][] = [
  ["a minute, on the minute", minute, 0, 0, 60, [60]],
  ["a minute, a tick that is late", minute, 0, 0, 75, [60]],
  ["a minute, a second tick in the same minute", minute, 0, 60, 61, []],
  ["a minute, an early tick", minute, 0, 60, 119, []],
  ["a minute, no tick for an hour", minute, 0, 0, hour + 5, [hour]],
  ["an hour, in between", hour, 0, hour, hour + 10 * minute, []],
  ["an hour, at its end", hour, 0, hour, 2 * hour, [2 * hour]],
  ["an hour, the tick that should have started it was lost", hour, 0, hour, 2 * hour + 59, [
    2 * hour,
  ]],
  ["a day at six, before six", day, 6 * hour, 0, 6 * hour - 1, []],
  ["a day at six, at six", day, 6 * hour, 0, 6 * hour, [6 * hour]],
  ["a day at six, three days late", day, 6 * hour, 0, 3 * day + 7 * hour, [3 * day + 6 * hour]],
  ["five seconds: a minute ahead", 20, 0, 0, 60, [60, 80, 100]],
  ["twenty seconds, a tick that is late", 20, 0, 0, 65, [60, 80, 100, 120]],
  ["twenty seconds, the slots of the tick before are started", 20, 0, 100, 120, [120, 140, 160]],
  ["twenty seconds, two ticks at once", 20, 0, 160, 120, []],
  ["twenty seconds, a tick missed", 20, 0, 40, 180, [180, 200, 220]],
  ["forty-five seconds, which does not divide a minute", 45, 0, 45, 120, [90, 135]],
  ["a clock that went back", minute, 0, 600, 300, []],
];

Deno.test("dueSlots() starts what has come due, the coming minute ahead for short periods, and a missed slot once", () => {
  for (const [what, everySeconds, offsetSeconds, last, now, slots] of cases) {
    const schedule = { everySeconds, offsetSeconds };
    const found = dueSlots(schedule, last * 1_000, now * 1_000);
    assert.deepEqual(found.map((slotMs) => slotMs / 1_000), slots, what);
  }
});

Deno.test("ticks at any moments start no slot twice, and after a tick the latest slot of the past is started", () => {
  const every = fc.integer({ min: 1, max: 400 });
  const pauses = fc.array(fc.integer({ min: 0, max: 200_000 }), { minLength: 1, maxLength: 40 });
  fc.assert(fc.property(every, fc.nat(300), pauses, (everySeconds, offsetSeconds, elapsed) => {
    const schedule = { everySeconds, offsetSeconds };
    const periodMs = everySeconds * 1_000;
    const startMs = Date.UTC(2026, 0, 1);
    let nowMs = startMs;
    let lastDueMs = startMs;
    const started: number[] = [];
    for (const pauseMs of elapsed) {
      nowMs += pauseMs;
      const slots = dueSlots(schedule, lastDueMs, nowMs);
      started.push(...slots);
      lastDueMs = slots.at(-1) ?? lastDueMs;
      const latestMs = Math.floor((nowMs - offsetSeconds * 1_000) / periodMs) * periodMs +
        offsetSeconds * 1_000;
      if (latestMs > startMs) assert.ok(started.includes(latestMs));
    }
    assert.equal(new Set(started).size, started.length);
    assert.deepEqual(started.toSorted((a, b) => a - b), started);
    for (const slotMs of started) assert.equal((slotMs - offsetSeconds * 1_000) % periodMs, 0);
  }));
});

Deno.test("ticks each minute leave out no slot of a short period", () => {
  const everySeconds = 7;
  let lastDueMs = 0;
  const started: number[] = [];
  for (let nowMs = 60_000; nowMs <= 600_000; nowMs += 60_000) {
    const slots = dueSlots({ everySeconds }, lastDueMs, nowMs);
    started.push(...slots);
    lastDueMs = slots.at(-1) ?? lastDueMs;
  }
  const gaps = started.slice(1).map((slotMs, index) => slotMs - (started[index] ?? 0));
  assert.deepEqual(new Set(gaps), new Set([everySeconds * 1_000]));
});

const after = (cron: string, timeZone: string, fromAt: string, nowAt: string) =>
  dueSlots({ cron, timeZone, catchUp: "each" }, Date.parse(fromAt), Date.parse(nowAt))
    .map((slotMs) => new Date(slotMs).toISOString());

Deno.test("a schedule by the clock of a place follows its clock changes: no day is left out and none comes twice", () => {
  // New York, 2026: clocks go forward on 8 March at 2:00 and back on 1 November at 2:00 (IANA tzdata).
  const spring = after("30 2 * * *", "America/New_York", "2026-03-07T00:00Z", "2026-03-10T00:00Z");
  assert.deepEqual(spring, [
    "2026-03-07T07:30:00.000Z",
    "2026-03-08T07:00:00.000Z",
    "2026-03-09T06:30:00.000Z",
  ]);
  const autumn = after("30 1 * * *", "America/New_York", "2026-10-31T00:00Z", "2026-11-03T00:00Z");
  assert.deepEqual(autumn, [
    "2026-10-31T05:30:00.000Z",
    "2026-11-01T05:30:00.000Z",
    "2026-11-02T06:30:00.000Z",
  ]);
});

const pauses: [catchUp: "latest" | "each" | "skip", lateSeconds: number, slots: number[]][] = [
  ["latest", 0, [4 * hour]],
  ["each", 0, [hour, 2 * hour, 3 * hour, 4 * hour]],
  ["skip", 0, [4 * hour]],
  ["latest", 59, [4 * hour]],
  ["skip", 59, [4 * hour]],
  // Its moment has passed: what comes next will do.
  ["latest", 600, [4 * hour]],
  ["each", 600, [hour, 2 * hour, 3 * hour, 4 * hour]],
  ["skip", 600, []],
];

Deno.test("after a pause a schedule makes up for what it says: the latest moment, each of them, or none", () => {
  const timings = [
    { everySeconds: hour },
    { cron: "0 * * * *", timeZone: "UTC" },
  ];
  for (const timing of timings) {
    for (const [catchUp, lateSeconds, slots] of pauses) {
      const nowMs = (4 * hour + lateSeconds) * 1_000;
      const found = dueSlots({ ...timing, catchUp }, 0, nowMs).map((slotMs) => slotMs / 1_000);
      assert.deepEqual(found, slots, `${JSON.stringify(timing)} ${catchUp} ${lateSeconds}`);
    }
  }
});

Deno.test("however long nobody ticked, a thousand moments are made up for at most, the latest of them", () => {
  const found = dueSlots({ everySeconds: minute, catchUp: "each" }, 0, 365 * day * 1_000);
  assert.equal(found.length, 1_000);
  assert.equal(found.at(-1), 365 * day * 1_000);
});

Deno.test("a schedule says in words when it is due", () => {
  const words: [Parameters<typeof describeTiming>[0], string][] = [
    [{ everySeconds: 60 }, "every minute"],
    [{ everySeconds: 5 }, "every 5 seconds"],
    [{ everySeconds: hour, offsetSeconds: 17 * minute }, "every hour, 17 minutes in"],
    [{ everySeconds: day, offsetSeconds: 3 * hour }, "every day at 03:00 UTC"],
    [{ everySeconds: 30 * day }, "every 30 days at 00:00 UTC"],
    [{ cron: "30 2 * * *", timeZone: "America/New_York" }, "30 2 * * * (America/New_York)"],
  ];
  for (const [timing, said] of words) assert.equal(describeTiming(timing), said);
});
