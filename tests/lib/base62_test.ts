import assert from "node:assert/strict";
import fc from "fast-check";
import { bytesToBase62, toBase62 } from "../../lib/base62.ts";

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

Deno.test("toBase62() writes a number so that its digits come to it again, in the length that is asked for", () => {
  assert.equal(toBase62(0n, 3), "000");
  assert.equal(toBase62(61n, 1), "z");
  assert.equal(toBase62(62n, 2), "10");
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), (value) => {
    const text = toBase62(value, 43);
    assert.equal(text.length, 43);
    const back = [...text].reduce((sum, digit) => sum * 62n + BigInt(digits.indexOf(digit)), 0n);
    assert.equal(back, value);
  }));
});

Deno.test("bytesToBase62() takes the first byte as the most significant", () => {
  assert.equal(bytesToBase62(new Uint8Array([1, 0]), 2), toBase62(256n, 2));
  assert.equal(bytesToBase62(new Uint8Array(32).fill(255), 43).length, 43);
});
