import assert from "node:assert/strict";
import fc from "fast-check";
import { createTimeline } from "../../../dev/qstash/timeline.ts";
import { dayMs } from "../../../lib/time.ts";

Deno.test("what is due runs in the order of its time, then of its coming, and never early", () => {
  fc.assert(fc.property(fc.array(fc.nat(20), { maxLength: 40 }), fc.nat(20), (dues, nowMs) => {
    let clockMs = -1;
    const timeline = createTimeline(() => clockMs);
    const ran: Array<[dueMs: number, order: number]> = [];
    dues.forEach((dueMs, order) => timeline.set({}, dueMs, () => ran.push([dueMs, order])));
    clockMs = nowMs;
    timeline.runDue();
    timeline.stop();
    const expected = dues.map((dueMs, order): [number, number] => [dueMs, order])
      .filter(([dueMs]) => dueMs <= nowMs)
      .toSorted(([dueA, orderA], [dueB, orderB]) => dueA - dueB || orderA - orderB);
    assert.deepEqual(ran, expected);
  }));
});

Deno.test("an owner has one plan: a later one replaces it, deleting it leaves none", () => {
  let clockMs = 0;
  const timeline = createTimeline(() => clockMs);
  const [moved, dropped] = [{}, {}];
  const ran: string[] = [];
  timeline.set(moved, 10, () => ran.push("early"));
  timeline.set(moved, 20, () => ran.push("late"));
  timeline.set(dropped, 10, () => ran.push("dropped"));
  timeline.delete(dropped);
  assert.deepEqual([timeline.dueOf(moved), timeline.dueOf(dropped)], [20, undefined]);
  clockMs = 15;
  timeline.runDue();
  assert.deepEqual(ran, []);
  clockMs = 20;
  timeline.runDue();
  timeline.stop();
  assert.deepEqual(ran, ["late"]);
});

Deno.test("a moment beyond the longest timer neither comes at once nor keeps the process busy", async () => {
  let looks = 0;
  const timeline = createTimeline(() => {
    looks++;
    return Date.now();
  });
  const ran: string[] = [];
  timeline.set({}, Date.now() + 30 * dayMs, () => ran.push("in a month"));
  const shortly = Promise.withResolvers<void>();
  createTimeline(Date.now).set({}, Date.now() + 20, shortly.resolve);
  await shortly.promise;
  timeline.stop();
  assert.deepEqual([ran, looks], [[], 1]);
});
