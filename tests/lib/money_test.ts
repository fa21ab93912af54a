import assert from "node:assert/strict";
import fc from "fast-check";
import { compareDecimals, fromUnits, toUnits } from "../../lib/money.ts";

const units = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });
const scale = fc.integer({ min: 0, max: 18 });

Deno.test("every whole number of units comes back from its decimal, at every scale", () => {
  fc.assert(fc.property(units, scale, (amount, at) => {
    assert.equal(toUnits(fromUnits(amount, at), at), amount);
  }));
});

Deno.test("a decimal has exactly as many digits behind the point as its scale says", () => {
  fc.assert(fc.property(units, scale, (amount, at) => {
    const [, fraction = ""] = fromUnits(amount, at).split(".");
    assert.equal(fraction.length, at);
  }));
});

Deno.test("reading a decimal is exact where doubles are not", () => {
  const cases: [string, number, bigint][] = [
    ["0.1", 2, 10n],
    ["0.29", 2, 29n],
    ["1.005", 3, 1005n],
    ["9007199254740993", 0, 9007199254740993n],
    ["-0.5", 1, -5n],
    ["-0", 2, 0n],
    ["12.3000", 2, 1230n],
    ["007", 0, 7n],
  ];
  for (const [decimal, at, expected] of cases) {
    assert.equal(toUnits(decimal, at), expected, decimal);
  }
});

Deno.test("what is no decimal, or has more decimals than the scale holds, is refused and never rounded", () => {
  for (
    const text of [
      "",
      ".5",
      "5.",
      "1e3",
      "+1",
      " 1",
      "1 ",
      "1,5",
      "NaN",
      "Infinity",
      "0x10",
      "1_0",
      "--1",
      "１",
    ]
  ) {
    assert.throws(() => toUnits(text, 2), RangeError, text);
  }
  assert.throws(() => toUnits("1.001", 2), RangeError);
});

Deno.test("compareDecimals() orders as the numbers do, whatever their scales", () => {
  fc.assert(fc.property(units, units, scale, scale, (a, b, left, right) => {
    const exact = a * 10n ** BigInt(right) - b * 10n ** BigInt(left);
    const expected = exact < 0n ? -1 : exact > 0n ? 1 : 0;
    assert.equal(compareDecimals(fromUnits(a, left), fromUnits(b, right)), expected);
  }));
  assert.equal(compareDecimals("1.10", "1.1"), 0);
  assert.equal(compareDecimals("-0", "0.00"), 0);
});
