import assert from "node:assert/strict";
import fc from "fast-check";
import {
  formatPhc,
  isOutdated,
  parsePhc,
  passwordCost,
} from "../../../../services/auth/model/phc.ts";

const bytes = (min: number, max: number) =>
  fc.uint8Array({ minLength: min, maxLength: max }).map((array) => new Uint8Array(array));

Deno.test("a PHC string reads back to what it was made of", () => {
  const cost = fc.record({
    memoryKib: fc.integer({ min: 512, max: 1_048_576 }),
    passes: fc.integer({ min: 1, max: 64 }),
    lanes: fc.integer({ min: 1, max: 64 }),
    salt: bytes(9, 64),
    hash: bytes(17, 64),
  }, { noNullPrototype: true });
  fc.assert(fc.property(cost, (made) => assert.deepEqual(parsePhc(formatPhc(made)), made)));
});

Deno.test("a PHC string of another kind, version or an insane cost is not read", () => {
  const salt = "c29tZXNhbHRzb21lc2FsdA";
  const hash = "A".repeat(43);
  const good = `$argon2id$v=19$m=65536,t=3,p=4$${salt}$${hash}`;
  assert.deepEqual(parsePhc(good)?.salt, new TextEncoder().encode("somesaltsomesalt"));
  const bad = [
    good.replace("argon2id", "argon2i"),
    good.replace("v=19", "v=16"),
    good.replace("m=65536", "m=9999999"),
    good.replace("m=65536", "m=16"),
    good.replace("t=3", "t=0"),
    good.replace("t=3", "t=99"),
    good.replace("p=4", "p=0"),
    good.replace("p=4", "p=99"),
    good.replace(salt, "x"),
    good.replace(hash, "x"),
    `${good} `,
    "$2b$10$abcdefghijklmnopqrstuv",
    "",
  ];
  for (const text of bad) assert.equal(parsePhc(text), undefined, text);
});

Deno.test("a hash is outdated as soon as one parameter of the cost differs", () => {
  const made = { ...passwordCost, salt: new Uint8Array(16), hash: new Uint8Array(32) };
  assert.equal(isOutdated(formatPhc(made), passwordCost), false);
  for (const parameter of ["memoryKib", "passes", "lanes"] as const) {
    const other = { ...made, [parameter]: made[parameter] * 2 };
    assert.equal(isOutdated(formatPhc(other), passwordCost), true, parameter);
  }
  assert.equal(isOutdated("unreadable", passwordCost), true);
});
