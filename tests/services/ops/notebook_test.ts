import assert from "node:assert/strict";
import { budgetSpent, type SystemEvent } from "../../../lib/events.ts";
import { uuidv7Maker } from "../../../lib/ids.ts";
import { systemRandom } from "../../../lib/random.ts";
import { describeError } from "../../../services/ops/model/mod.ts";
import { createNotebook } from "../../../services/ops/notebook.ts";

function open() {
  let nowMs = Date.parse("2026-01-05T12:00:00Z");
  const now = () => nowMs;
  return {
    notebook: createNotebook(now, uuidv7Maker(now, systemRandom)),
    wait: (elapsedMs: number) => nowMs += elapsedMs,
  };
}

const event = (message: string): SystemEvent => ({ severity: "info", kind: "tested", message });

Deno.test("an event that repeats itself within a minute stays one row, also after it was written; later it is another", () => {
  const { notebook, wait } = open();
  notebook.addEvent(event("a"));
  notebook.addEvent(event("a"));
  const [first] = notebook.take().events;
  assert.equal(first?.count, 2);
  wait(59_000);
  notebook.addEvent(event("a"));
  notebook.addEvent(event("b"));
  const [again, other] = notebook.take().events;
  assert.equal(again?.id, first?.id);
  assert.equal(again?.count, 1, "only what has not been written");
  assert.equal(again?.atMs, first?.atMs);
  assert.equal((again?.lastAtMs ?? 0) - (first?.atMs ?? 0), 59_000);
  assert.notEqual(other?.id, first?.id);
  wait(1_000);
  notebook.addEvent(event("a"));
  assert.notEqual(notebook.take().events[0]?.id, first?.id);
  assert.ok(notebook.isEmpty());
});

Deno.test("two hundred different notes have room, what repeats needs none, and what is dropped is counted", () => {
  const { notebook } = open();
  for (let n = 0; n < 150; n++) notebook.addEvent(event(`event ${n}`));
  for (let n = 0; n < 100; n++) {
    notebook.addError(describeError(new Error("x".repeat(n + 1))), {});
  }
  for (let n = 0; n < 1_000; n++) notebook.addEvent(event("event 3"));
  const page = notebook.take();
  assert.deepEqual([page.events.length, page.errors.length, page.dropped], [150, 50, 50]);
  assert.equal(page.events[3]?.count, 1_001);
});

Deno.test("what could not be written comes back beside what has come since, and nothing is counted twice or lost", () => {
  const { notebook, wait } = open();
  const error = describeError(new Error("broken"));
  notebook.addEvent(event("a"));
  notebook.addError(error, { requestId: "first", route: "GET /a" });
  const page = notebook.take();
  wait(5_000);
  notebook.addEvent(event("a"));
  notebook.addError(error, { requestId: "second", route: "GET /b" });
  notebook.putBack({ ...page, dropped: 4 });
  const { events, errors, dropped } = notebook.take();
  assert.deepEqual(events.map(({ count }) => count), [2]);
  assert.equal(dropped, 4);
  assert.deepEqual(errors.map(({ count, requestId, route }) => [count, requestId, route]), [
    [2, "second", "GET /b"],
  ]);
  assert.equal((errors[0]?.lastSeenMs ?? 0) - (errors[0]?.firstSeenMs ?? 0), 5_000);
});

Deno.test("an address of a mail in an event is taken out, however it got in", () => {
  const { notebook } = open();
  notebook.addEvent({
    ...event("mail to ada@example.com failed"),
    details: { to: "ada@example.com", all: ["ada@example.com"], count: 3, none: null },
  });
  notebook.addEvent(budgetSpent("prices", 500, "2026-01-06T00:00:00.000Z"));
  const { events } = notebook.take();
  assert.ok(!JSON.stringify(events).includes("ada"));
  assert.equal(events[0]?.details.count, 3);
  assert.deepEqual(events[1]?.details, {
    provider: "prices",
    limit: 500,
    resetsAt: "2026-01-06T00:00:00.000Z",
  });
});
