import assert from "node:assert/strict";
import fc from "fast-check";
import type { JobMessage } from "../../../../../services/jobs/schema.ts";
import { toQstash } from "../../../../../services/jobs/providers/qstash/map.ts";

const policy = { retries: 5, timeLimitSeconds: 30 };
const message: JobMessage = {
  job: "judge_alerts",
  key: "schedule",
  version: 7,
  payload: {},
  notBeforeMs: null,
  round: 0,
};
const job = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/);
const key = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/);
const version = fc.nat();

Deno.test("two messages share a deduplication id only if they are the same round of the same run, and no id holds a colon", () => {
  const run = fc.record({ job, key, version, round: fc.nat(3) });
  const idOf = (given: Partial<JobMessage>) =>
    toQstash({ ...message, ...given }, policy, "https://x").deduplicationId;
  fc.assert(fc.property(run, run, (left, right) => {
    const same = JSON.stringify(left) === JSON.stringify(right);
    assert.equal(idOf(left) === idOf(right), same);
    assert.match(idOf(left), /^[A-Za-z0-9_-]+$/);
  }));
  const split = [{ job: "a", key: "b_c", version: 1 }, { job: "a_b", key: "c", version: 1 }];
  assert.equal(new Set(split.map(idOf)).size, 2);
});

Deno.test("a message says where it goes, how often to try, for how long, and whom to tell when it has failed", () => {
  const flowControl = { key: "judge_alerts", parallelism: 1 };
  const given = toQstash(message, { ...policy, flowControl }, "https://api.example.com");
  assert.deepEqual(given, {
    url: "https://api.example.com/jobs/judge_alerts",
    body: '{"key":"schedule","version":7,"payload":{}}',
    headers: {
      "content-type": "application/json",
      "upstash-failure-callback-retries": "5",
    },
    deduplicationId: "judge_alerts-schedule-7",
    retries: 5,
    timeout: 45,
    label: "judge_alerts",
    failureCallback: "https://api.example.com/jobs/judge_alerts/failed",
    flowControl,
  });
});

Deno.test("a message for later is never sent before its moment: QStash counts in whole seconds", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 2e12 }), (notBeforeMs) => {
    const { notBefore = 0 } = toQstash({ ...message, notBeforeMs }, policy, "https://x");
    assert.ok(Number.isInteger(notBefore));
    assert.ok(notBefore * 1_000 >= notBeforeMs && notBefore * 1_000 < notBeforeMs + 1_000);
  }));
});
