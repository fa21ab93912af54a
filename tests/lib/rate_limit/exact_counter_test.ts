import assert from "node:assert/strict";
import fc from "fast-check";
import { admittedExactly, withIsolates } from "./isolates.ts";

const quota = { name: "writes", limit: 10, windowMs: 60_000 };

Deno.test("of fifty calls at once over two processes exactly the limit is admitted", async () => {
  await withIsolates(quota, async ({ isolate }) => {
    const counters = [isolate().exact, isolate().exact];
    assert.equal(await admittedExactly(counters, 50), 10);
    assert.equal(await admittedExactly(counters, 50), 0);
  });
});

Deno.test("the window slides to the millisecond, as in a plain list of what was admitted", async () => {
  const few = { name: "few", limit: 3, windowMs: 1_000 };
  await withIsolates(few, async ({ isolate, advance }) => {
    const processes = [isolate().exact, isolate().exact];
    const steps = fc.array(
      fc.record({ gapMs: fc.integer({ min: 0, max: 700 }), process: fc.nat(1) }),
      { minLength: 1, maxLength: 25 },
    );
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (steps) => {
        const subject = `ada ${++runs}`;
        const admittedMs: number[] = [];
        let atMs = 0;
        for (const { gapMs, process } of steps) {
          advance(gapMs);
          atMs += gapMs;
          const inWindow = admittedMs.filter((past) => past > atMs - few.windowMs);
          const found = await processes[process]!.take(subject);
          assert.equal(found.admitted, inWindow.length < few.limit);
          if (found.admitted) admittedMs.push(atMs);
          const counted = inWindow.length + (found.admitted ? 1 : 0);
          assert.equal(found.remaining, few.limit - counted);
          const oldestMs = inWindow[0] ?? atMs;
          const waitMs = oldestMs + few.windowMs - atMs;
          assert.equal(found.resetSeconds, Math.ceil(waitMs / 1_000));
        }
      }),
      { numRuns: 25 },
    );
  });
});

Deno.test("a call costs one round trip, and a refusal that is known already none", async () => {
  await withIsolates(quota, async ({ isolate, redis }) => {
    const [first, second] = [isolate().exact, isolate().exact];
    for (let n = 0; n < 10; n++) await first.take("ada");
    assert.equal(redis.requests(), 10);
    assert.equal((await second.take("ada")).admitted, false);
    assert.equal(redis.requests(), 11);
    for (let n = 0; n < 20; n++) await second.take("ada");
    assert.equal(redis.requests(), 11);
  });
});

Deno.test("what is refused is not counted: whoever keeps asking is let in as soon as there is room", async () => {
  await withIsolates(quota, async ({ isolate, advance }) => {
    const counters = [isolate().exact, isolate().exact];
    assert.equal(await admittedExactly(counters, 30), 10);
    advance(59_999);
    assert.equal(await admittedExactly(counters, 30), 0);
    advance(1);
    assert.equal(await admittedExactly(counters, 30), 10);
  });
});

Deno.test("without Redis each process holds the limit by itself, what it admitted before included", async () => {
  await withIsolates(quota, async ({ isolate, redis }) => {
    const [first, second] = [isolate().exact, isolate().exact];
    assert.equal(await admittedExactly([first], 4), 4);
    redis.setFault({ kind: "refuse" });
    assert.equal(await admittedExactly([first], 30), 6);
    assert.equal(await admittedExactly([second], 30), 10);
    assert.equal(await isolate().exact.takeShared("ada"), undefined);
  });
});

Deno.test("a call is noted under other subjects too, and judged by the first alone", async () => {
  await withIsolates(quota, async ({ isolate }) => {
    const { exact } = isolate();
    for (let n = 0; n < 10; n++) await exact.takeShared("account", ["home"]);
    assert.equal((await exact.takeShared("account", ["home"]))?.admitted, false);
    assert.equal((await isolate().exact.takeShared("home", ["account"]))?.admitted, false);
    assert.equal((await exact.takeShared("office", ["account"]))?.admitted, true);
  });
});
