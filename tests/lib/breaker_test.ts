import assert from "node:assert/strict";
import { type BreakerState, createBreaker } from "../../lib/breaker.ts";

function world() {
  let nowMs = 0;
  const states: BreakerState[] = [];
  const breaker = createBreaker({
    now: () => nowMs,
    failures: 3,
    openMs: 1_000,
    onChange: (state) => states.push(state),
  });
  const fail = (times: number) => {
    for (let time = 0; time < times; time++) breaker.failed();
  };
  return { breaker, states, fail, at: (ms: number) => nowMs = ms };
}

Deno.test("a breaker opens after so many failures in a row, and not after as many with a success between", () => {
  const { breaker, fail } = world();
  fail(2);
  breaker.succeeded();
  fail(2);
  assert.equal(breaker.state(), "closed");
  assert.ok(breaker.allows());
  fail(1);
  assert.equal(breaker.state(), "open");
  assert.ok(!breaker.allows());
});

Deno.test("an open breaker lets one call through per period, and no other until that one has come back", () => {
  const { breaker, fail, at } = world();
  fail(3);
  at(999);
  assert.ok(!breaker.allows());
  at(1_000);
  assert.deepEqual([breaker.allows(), breaker.allows(), breaker.allows()], [true, false, false]);
  // A probe that never comes back holds nothing up for longer than a period.
  at(2_000);
  assert.deepEqual([breaker.allows(), breaker.allows()], [true, false]);
});

Deno.test("a probe that succeeds closes it, one that fails keeps it open for another period", () => {
  const { breaker, fail, at, states } = world();
  fail(3);
  at(1_000);
  assert.ok(breaker.allows());
  breaker.failed();
  at(1_999);
  assert.ok(!breaker.allows());
  at(2_000);
  assert.ok(breaker.allows());
  breaker.succeeded();
  assert.equal(breaker.state(), "closed");
  fail(2);
  assert.ok(breaker.allows(), "it counts from the start again");
  assert.deepEqual(states, ["open", "half_open", "open", "half_open", "closed"]);
});
