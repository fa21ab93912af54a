import assert from "node:assert/strict";
import fc from "fast-check";
import { createSharedCounter } from "../../../lib/rate_limit/shared_counter.ts";
import type { Squaring } from "../../../lib/rate_limit/squaring.ts";
import { pollUntil } from "../../support/poll.ts";
import { admittedAtOnce, withIsolates } from "./isolates.ts";

const quota = { name: "reads", limit: 1_200, windowMs: 60_000 };

/** A process that is alone, as while Redis is away. */
const alone: Squaring = {
  mark() {},
  hurry() {},
  forget() {},
  round: () => Promise.resolve(),
  isShared: () => false,
  close: () => Promise.resolve(),
};

Deno.test("two processes at once hold a limit together, within 5 %, in one burst", async () => {
  await withIsolates(quota, async ({ isolate }) => {
    const counters = [isolate().shared, isolate().shared];
    const admitted = await admittedAtOnce(counters, 4_000);
    assert.ok(Math.abs(admitted - 1_200) <= 60, `${admitted} of 1,200`);
  });
});

Deno.test("a small limit is held together as well, one call after the other", async () => {
  const small = { name: "anonymous", limit: 100, windowMs: 900_000 };
  await withIsolates(small, async ({ isolate }) => {
    const counters = [isolate().shared, isolate().shared];
    let admitted = 0;
    for (let n = 0; n < 250; n++) if (await counters[n % 2]!.take("ada")) admitted++;
    assert.ok(Math.abs(admitted - 100) <= 5, `${admitted} of 100`);
    // Somebody else is not held to it.
    assert.equal(await counters[0]!.take("grace"), true);
  });
});

Deno.test("a process that comes later learns what others have admitted, within a second", async () => {
  await withIsolates(quota, async ({ isolate }) => {
    const first = isolate();
    assert.equal(await admittedAtOnce([first.shared], 1_200), 1_200);
    await first.squaring.round();
    const second = isolate();
    await second.shared.take("ada");
    await pollUntil("a refusal", async () => !await second.shared.take("ada"), 2_000);
  });
});

Deno.test("calls that come slowly never wait, and all callers of a second are told of in one request", async () => {
  await withIsolates(quota, async ({ isolate, redis }) => {
    const { shared, squaring } = isolate();
    const before = redis.requests();
    for (let n = 0; n < 20; n++) {
      for (const person of ["ada", "grace", "mary"]) assert.equal(shared.take(person), true);
    }
    await squaring.round();
    assert.equal(redis.requests() - before, 1);
    await squaring.round();
    assert.equal(redis.requests() - before, 1, "and nothing is said where nothing is new");
  });
});

Deno.test("without Redis a process holds the limit by itself; once it is back they hold it together again", async () => {
  await withIsolates(quota, async ({ advance, isolate, redis }) => {
    const [first, second] = [isolate(), isolate()];
    redis.setFault({ kind: "refuse" });
    assert.equal(await admittedAtOnce([first.shared], 1_500), 1_200);
    assert.equal(await admittedAtOnce([second.shared], 300), 300);
    redis.setFault(null);
    // The circuit lets a second pass before it tries.
    advance(1_000);
    await pollUntil("each to know of the other", async () => {
      await first.squaring.round();
      await second.squaring.round();
      return !await second.shared.take("ada");
    });
  });
});

Deno.test("an answer that is lost on its way counts nothing twice", async () => {
  await withIsolates(quota, async ({ isolate, redis }) => {
    const [first, second] = [isolate(), isolate()];
    for (let n = 0; n < 30; n++) assert.equal(first.shared.take("ada"), true);
    redis.setFault({ kind: "truncate" });
    for (let n = 0; n < 3; n++) await first.squaring.round();
    redis.setFault(null);
    await first.squaring.round();
    second.shared.take("ada");
    await second.squaring.round();
    assert.equal(second.shared.standingOf("ada", true).remaining, 1_200 - 31);
  });
});

Deno.test("the window slides: never more than the limit in any window, and what was used is back a thirtieth late at most", () => {
  const few = { name: "few", limit: 5, windowMs: 30_000 };
  const gaps = fc.array(fc.integer({ min: 0, max: 12_000 }), { minLength: 1, maxLength: 120 });
  fc.assert(fc.property(gaps, (gaps) => {
    let nowMs = 1_800_000_000_000;
    const counter = createSharedCounter({ quota: few, now: () => nowMs, squaring: alone });
    const admittedMs: number[] = [];
    const within = (lengthMs: number) =>
      admittedMs.filter((atMs) => atMs > nowMs - lengthMs).length;
    for (const gapMs of gaps) {
      nowMs += gapMs;
      const taken = counter.take("ada");
      if (within(few.windowMs) >= few.limit) assert.equal(taken, false, "one too many");
      if (within(few.windowMs * 31 / 30) < few.limit) assert.equal(taken, true, "refused early");
      if (taken === true) admittedMs.push(nowMs);
      else assert.ok(counter.standingOf("ada", false).resetSeconds <= 31);
    }
  }));
});

Deno.test("after the seconds that a refusal names, a call is admitted", () => {
  const few = { name: "few", limit: 3, windowMs: 30_000 };
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 9_999 }), { minLength: 3 }), (gaps) => {
    let nowMs = 1_800_000_000_000;
    const counter = createSharedCounter({ quota: few, now: () => nowMs, squaring: alone });
    for (const gapMs of gaps) {
      nowMs += gapMs;
      if (counter.take("ada") === true) continue;
      nowMs += counter.standingOf("ada", false).resetSeconds * 1_000;
      assert.equal(counter.take("ada"), true);
    }
  }));
});

Deno.test("a flood of addresses drives out neither memory nor who has used up their limit", () => {
  const few = { name: "few", limit: 3, windowMs: 30_000 };
  let nowMs = 1_800_000_000_000;
  const counter = createSharedCounter({
    quota: few,
    now: () => nowMs,
    squaring: alone,
    callersMax: 100,
  });
  for (let n = 0; n < 3; n++) assert.equal(counter.take("ada"), true);
  for (let n = 0; n < 10_000; n++) {
    nowMs++;
    assert.equal(counter.take(`2001:db8::${n}`), true);
  }
  assert.equal(counter.take("ada"), false);
});
