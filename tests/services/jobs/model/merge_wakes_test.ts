import assert from "node:assert/strict";
import fc from "fast-check";
import { mergeWakes } from "../../../../services/jobs/model/merge_wakes.ts";
import type { JobPolicy, OutboxMessage } from "../../../../services/jobs/schema.ts";

const policies: Record<string, JobPolicy> = {
  work: { retries: 3, timeLimitSeconds: 30 },
  wake: { retries: 3, timeLimitSeconds: 50, slots: { rows: 500, max: 10 } },
};
const policyOf = (job: string) => policies[job];

let made = 0;
function row(given: Partial<OutboxMessage>): OutboxMessage {
  const key = `k${++made}`;
  return {
    id: `id_${key}`,
    job: "wake",
    key,
    version: 1,
    payload: {},
    notBeforeMs: null,
    units: 1,
    round: 0,
    attempts: 1,
    ...given,
  };
}

Deno.test("work has a message each; wake-ups have as few as their rows of work need, and never more than their slots", () => {
  const cases: [units: number[], messages: number][] = [
    [[1], 1],
    [[1, 1, 1], 1],
    [[500], 1],
    [[499, 1, 1], 2],
    [[2_000], 4],
    [Array(100).fill(1), 1],
    [[1_000_000], 10],
  ];
  for (const [units, messages] of cases) {
    const parcels = mergeWakes(units.map((count) => row({ units: count })), policyOf);
    assert.equal(parcels.length, 1);
    assert.equal(parcels[0]?.messages.length, messages, String(units));
    assert.equal(parcels[0]?.over, true);
  }
  const work = mergeWakes([row({ job: "work" }), row({ job: "work" })], policyOf);
  assert.deepEqual(work.map(({ messages, over }) => [messages.length, over]), [[1, false], [
    1,
    false,
  ]]);
});

Deno.test("every row is in one parcel, every message is a run of its own, and nobody is woken before the work is due", () => {
  const jobs = fc.constantFrom("work", "wake", "unknown");
  const moments = fc.option(fc.integer({ min: 0, max: 60_000 }), { nil: null });
  const rows = fc.array(
    fc.record({ job: jobs, notBeforeMs: moments, units: fc.integer({ min: 1, max: 3_000 }) }),
  );
  fc.assert(fc.property(rows, (given) => {
    const all = given.map(row);
    const parcels = mergeWakes(all, policyOf);
    assert.deepEqual(
      parcels.flatMap(({ rowIds }) => rowIds).toSorted(),
      all.map(({ id }) => id).toSorted(),
    );
    const names = parcels.flatMap(({ messages }) =>
      messages.map(({ job, key, version }) => `${job}/${key}/${version}`)
    );
    assert.equal(new Set(names).size, names.length);
    for (const { rowIds, messages } of parcels) {
      const dueMs = Math.max(
        ...all.filter(({ id }) => rowIds.includes(id)).map(({ notBeforeMs }) => notBeforeMs ?? 0),
      );
      for (const { notBeforeMs } of messages) {
        assert.ok((notBeforeMs ?? 0) >= dueMs && (notBeforeMs ?? 0) < dueMs + 5_000);
      }
    }
  }));
});

Deno.test("a wake-up that is published again has another name, since it may stand for others by then", () => {
  const once = row({});
  const [first] = mergeWakes([once], policyOf)[0]?.messages ?? [];
  const [again] = mergeWakes([{ ...once, attempts: 2 }, row({})], policyOf)[0]?.messages ?? [];
  assert.ok(first && again);
  assert.notDeepEqual([first.key, first.version], [again.key, again.version]);
});

Deno.test("each wake-up of one key has another name, and so has each minute's: else the queue and the runs take it for done", () => {
  const versions = [1_894_030_080, 1_894_030_140, 2, 3];
  const names = versions.map((version) => {
    const [message] = mergeWakes([row({ key: "schedule", version })], policyOf)[0]?.messages ?? [];
    return `${message?.key}/${message?.version}`;
  });
  assert.equal(new Set(names).size, versions.length);
});
