import assert from "node:assert/strict";
import fc from "fast-check";
import { printedDecimal, shiftPointLeft } from "../../lib/printed_decimal.ts";

Deno.test("printedDecimal() gives the number that was printed, without the noise of floats", () => {
  const cases: [number, number, string][] = [
    [333.69, 6, "333.69"],
    [0.1 + 0.2, 6, "0.3"],
    [73.79750061035156, 6, "73.7975"],
    [75.1500015258789, 6, "75.15"],
    [0.14753100275993347, 6, "0.147531"],
    [330, 6, "330"],
    [1234567.25, 6, "1234567.25"],
    [1_099_511_627_776, 6, "1099511627776"],
    [0.00001234, 8, "0.00001234"],
    [1e-7, 8, "0.0000001"],
    [1e-7, 6, "0"],
    [2.5e-8, 12, "0.000000025"],
    [-0.0000001, 6, "0"],
    [-5.25, 2, "-5.25"],
    [1.005, 2, "1"],
    [120, 0, "120"],
  ];
  for (const [value, decimalsMax, text] of cases) {
    assert.equal(printedDecimal(value, decimalsMax), text, String(value));
  }
  for (const value of [NaN, Infinity, 1e21]) {
    assert.throws(() => printedDecimal(value, 6), RangeError);
  }
});

/** A decimal of so many digits, as people write it: no zeros at its end. */
const decimals = (digitsMax: number) =>
  fc.tuple(fc.integer({ min: 1, max: 10 ** digitsMax - 1 }), fc.nat(6))
    .map(([digits, places]) => shiftPointLeft(String(digits), places));

Deno.test("printedDecimal() gives back what was written, through a double and through a single", () => {
  fc.assert(fc.property(decimals(9), (text) => {
    assert.equal(printedDecimal(Number(text), 6), text);
  }));
  // Six digits survive single precision, whatever their size.
  fc.assert(fc.property(decimals(6), (text) => {
    assert.equal(printedDecimal(Math.fround(Number(text)), 6), text);
  }));
});

Deno.test("shiftPointLeft() divides by a power of ten without rounding", () => {
  const cases: [string, number, string][] = [
    ["12345.6", 2, "123.456"],
    ["7", 2, "0.07"],
    ["-7", 2, "-0.07"],
    ["700", 2, "7"],
    ["0.5", 3, "0.0005"],
    ["12.30", 0, "12.3"],
  ];
  for (const [text, places, expected] of cases) {
    assert.equal(shiftPointLeft(text, places), expected);
  }
});
