import assert from "node:assert/strict";
import fc from "fast-check";
import { canMove, nextTryMs, triesMax } from "../../../../services/notifications/model/mod.ts";
import { type Status, statuses } from "../../../../services/notifications/schema.ts";

/** How far a message has come by what a vendor reports; a report never takes it back. */
const progress: Status[] = ["sent", "delivered", "opened", "clicked"];
const reports: Status[] = [
  ...progress,
  "bounced",
  "complained",
  "unsubscribed",
  "failed",
];

Deno.test("whatever order reports come in, a message is where the furthest of them says", () => {
  fc.assert(fc.property(
    fc.constantFrom<Status>("sending", "queued", "held", "sent"),
    fc.array(fc.constantFrom(...progress), { minLength: 1, maxLength: 12 }),
    (from, told) => {
      let status = from;
      for (const report of told) if (canMove(status, report)) status = report;
      const furthest = Math.max(
        progress.indexOf(from),
        ...told.map((report) => progress.indexOf(report)),
      );
      assert.equal(status, progress[furthest]);
    },
  ));
});

Deno.test("a report that is repeated moves nothing", () => {
  for (const from of statuses) {
    for (const report of reports) {
      if (canMove(from, report)) assert.ok(!canMove(report, report), `${from} ${report}`);
    }
  }
});

Deno.test("no message goes round in circles, except from its sender back into the queue", () => {
  const waiting: Status[] = ["queued", "held"];
  const seen = new Map<Status, Set<Status>>();
  const reach = (from: Status, path: Status[]): Set<Status> => {
    assert.ok(!path.includes(from), [...path, from].join(" → "));
    const known = seen.get(from);
    if (known) return known;
    const reached = new Set<Status>();
    for (const to of statuses) {
      if (!canMove(from, to) || (from === "sending" && waiting.includes(to))) continue;
      for (const further of [to, ...reach(to, [...path, from])]) reached.add(further);
    }
    seen.set(from, reached);
    return reached;
  };
  for (const status of statuses) reach(status, []);
  assert.deepEqual([...seen.get("bounced") ?? []], []);
});

Deno.test("a message that was given up is moved by a report that it arrived after all", () => {
  for (const given of ["dead", "expired"] as const) {
    assert.ok(canMove(given, "delivered") && canMove(given, "bounced"));
    assert.ok(!canMove(given, "queued") && !canMove(given, "sending"));
  }
});

Deno.test("what was suppressed or cancelled is over", () => {
  for (const over of ["suppressed", "cancelled"] as const) {
    assert.deepEqual(statuses.filter((to) => canMove(over, to)), []);
  }
});

Deno.test("tries wait 10 s, 1 min, 10 min, 1 h and 6 h, a fifth apart, and then there is none", () => {
  const waits = [10, 60, 600, 3_600, 21_600];
  for (const [index, seconds] of waits.entries()) {
    assert.equal(nextTryMs(index + 1, 0, 0), seconds * 900);
    assert.equal(nextTryMs(index + 1, 0, 1), seconds * 1_100);
  }
  assert.equal(nextTryMs(triesMax, 0, 0.5), undefined);
  assert.equal(triesMax, 6);
});

Deno.test("a vendor's own wish is kept where it is the longer wait", () => {
  assert.equal(nextTryMs(1, 1_000, 0.5, 45_000), 46_000);
  assert.equal(nextTryMs(1, 1_000, 0.5, 4_000), 11_000);
});
