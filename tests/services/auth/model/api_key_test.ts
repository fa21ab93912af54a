import assert from "node:assert/strict";
import fc from "fast-check";
import {
  formatApiKey,
  isApiKey,
  nameBytes,
  secretBytes,
} from "../../../../services/auth/model/api_key.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const keys = fc.tuple(bytes(nameBytes), bytes(secretBytes)).map(([name, secret]) =>
  formatApiKey(name, secret)
);

Deno.test("every key has the one shape that a secret scanner looks for, and is known for one of ours", () => {
  fc.assert(fc.property(keys, ({ key, prefix }) => {
    assert.match(key, /^almanac_[0-9A-Za-z]{11}_[0-9A-Za-z]{49}$/);
    assert.ok(key.startsWith(`${prefix}_`));
    assert.ok(isApiKey(key));
  }));
});

Deno.test("two secrets never make one key", () => {
  fc.assert(fc.property(bytes(secretBytes), bytes(secretBytes), (one, two) => {
    const [a, b] = [one, two].map((secret) => formatApiKey(new Uint8Array(nameBytes), secret).key);
    assert.equal(a === b, one.every((byte, at) => byte === two[at]));
  }));
});

Deno.test("a key with one wrong character, or two that changed places, is known without asking anybody", () => {
  const characters = fc.constantFrom(..."09AZaz_-. ");
  fc.assert(fc.property(keys, fc.nat(), characters, ({ key }, place, other) => {
    const at = place % key.length;
    const mistyped = key.slice(0, at) + other + key.slice(at + 1);
    assert.equal(isApiKey(mistyped), mistyped === key);
    const next = key.slice(at, at + 2);
    const swapped = key.slice(0, at) + [...next].reverse().join("") + key.slice(at + 2);
    assert.equal(isApiKey(swapped), swapped === key);
  }));
});

Deno.test("what is cut short, longer, or something else is none of ours", () => {
  const { key } = formatApiKey(new Uint8Array(nameBytes), new Uint8Array(secretBytes));
  for (const text of ["", "almanac_", key.slice(0, -1), `${key}A`, `${key}\n`, ` ${key}`]) {
    assert.equal(isApiKey(text), false, text);
  }
});
