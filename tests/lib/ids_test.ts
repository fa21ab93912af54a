import assert from "node:assert/strict";
import fc from "fast-check";
import { isUuid, uuidv7Maker } from "../../lib/ids.ts";
import { systemRandom } from "../../lib/random.ts";

const zeros = (sizeBytes: number) => new Uint8Array(sizeBytes);

Deno.test("an id is a UUIDv7: its first 48 bits are the millisecond, its version 7, its variant RFC 9562's", () => {
  // RFC 9562, appendix A.6: the moment of its example.
  const id = uuidv7Maker(() => 0x017f22e279b0, systemRandom)();
  assert.match(id, /^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.ok(isUuid(id));
});

Deno.test("ids sort in the order in which they were made, also within a millisecond and when the clock goes back", () => {
  const steps = fc.array(fc.integer({ min: -5_000, max: 5 }), { minLength: 2, maxLength: 300 });
  fc.assert(fc.property(steps, (elapsed) => {
    let nowMs = 1_700_000_000_000;
    const make = uuidv7Maker(() => nowMs, systemRandom);
    const ids = elapsed.map((ms) => {
      nowMs += ms;
      return make();
    });
    assert.deepEqual(ids.toSorted(), ids);
    assert.equal(new Set(ids).size, ids.length);
  }));
});

Deno.test("ten thousand ids of one millisecond still sort, without chance to help them", () => {
  const make = uuidv7Maker(() => 1_700_000_000_000, zeros);
  const ids = Array.from({ length: 10_000 }, make);
  assert.deepEqual(ids.toSorted(), ids);
  assert.equal(new Set(ids).size, ids.length);
});

Deno.test("isUuid() takes lower-case UUIDs of every version and nothing else", () => {
  for (const version of "12345678") {
    assert.ok(isUuid(`017f22e2-79b0-${version}cc3-98c4-dc0c0c07398f`), version);
  }
  for (
    const text of [
      "",
      "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
      "017f22e2-79b0-0cc3-98c4-dc0c0c07398f",
      "017f22e2-79b0-7cc3-c8c4-dc0c0c07398f",
      "017f22e279b07cc398c4dc0c0c07398f",
      "017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n",
      " 017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
    ]
  ) assert.ok(!isUuid(text), JSON.stringify(text));
});
