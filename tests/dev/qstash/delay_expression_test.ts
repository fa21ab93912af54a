import assert from "node:assert/strict";
import fc from "fast-check";
import { parseDelayExpression } from "../../../dev/qstash/delay_expression.ts";
import { parseAnswerDuration, parseDuration } from "../../../dev/qstash/durations.ts";
import { backoffMs, retryDelayMs } from "../../../dev/qstash/retry_delay.ts";
import { dayMs } from "../../../lib/time.ts";

// The documented examples first; then what they leave open.
const formulas: Array<[formula: string, delays: number[]]> = [
  ["1000", [1000, 1000, 1000]],
  ["1000 * (1 + retried)", [1000, 2000, 3000]],
  ["pow(2, retried) * 1000", [1000, 2000, 4000]],
  ["max(1000, pow(2, retried) * 100)", [1000, 1000, 1000]],
  ["10 - 4 - 3", [3, 3, 3]],
  ["2 + 3 * 4 % 5", [4, 4, 4]],
  ["-retried + 7", [7, 6, 5]],
  ["min(floor(2.5), ceil(2.5)) + round(1.4) + abs(-1) + sqrt(9) + exp(0)", [8, 8, 8]],
];

for (const [formula, delays] of formulas) {
  Deno.test(`parseDelayExpression("${formula}") computes the delays of the first retries`, () => {
    const delayMs = parseDelayExpression(formula);
    assert.deepEqual(delays.map((_, retried) => delayMs(retried)), delays);
  });
}

Deno.test("parseDelayExpression() refuses anything but its small language, whatever it is given", () => {
  for (
    const text of [
      "",
      "1 +",
      "(1",
      "pow(2)",
      "max(1, 2, 3)",
      "alert(1)",
      "1; 2",
      "retried.x",
      "1 2",
    ]
  ) {
    assert.throws(() => parseDelayExpression(text), SyntaxError, text);
  }
  fc.assert(fc.property(fc.string({ maxLength: 30 }), (text) => {
    try {
      assert.equal(typeof parseDelayExpression(text)(1), "number");
    } catch (error) {
      assert(error instanceof SyntaxError, text);
    }
  }));
});

Deno.test("parseDelayExpression() agrees with JavaScript on sums, products and parentheses", () => {
  const { formula } = fc.letrec<{ formula: string }>((tie) => ({
    formula: fc.oneof(
      { maxDepth: 4 },
      fc.nat(99).map(String),
      fc.constant("retried"),
      fc.tuple(tie("formula"), fc.constantFrom("+", "-", "*", "/", "%"), tie("formula"))
        .map((parts) => parts.join(" ")),
      tie("formula").map((inner) => `(${inner})`),
      tie("formula").map((inner) => `(-${inner})`),
    ),
  }));
  fc.assert(fc.property(formula, fc.nat(9), (text, retried) => {
    const expected = new Function("retried", `return ${text}`)(retried);
    assert.deepEqual(parseDelayExpression(text)(retried) + 0, expected + 0);
  }));
});

Deno.test("a computed delay stays between nothing and a day", () => {
  const delayOf = (text: string) =>
    retryDelayMs({
      retried: 0,
      expression: parseDelayExpression(text),
      headers: new Headers(),
      nowMs: 0,
    });
  assert.equal(delayOf("0 - 5"), 0);
  assert.equal(delayOf("exp(99)"), dayMs);
  assert.equal(delayOf("1 / retried"), dayMs);
  assert.equal(delayOf("sqrt(-1)"), 0);
  assert.equal(backoffMs(99), dayMs);
});

Deno.test("durations are read in the units of their header and no others", () => {
  assert.equal(parseDuration("1d1h30m"), dayMs + 90 * 60_000);
  assert.equal(parseAnswerDuration("6m5s"), 365_000);
  assert.equal(parseAnswerDuration("1.5s250ms"), 1750);
  for (const text of ["", "5", "s", "1d 2h", "10 s", "-5s", "5x"]) {
    assert.equal(parseDuration(text), undefined, text);
  }
  assert.equal(parseDuration("5ms"), undefined);
  assert.equal(parseAnswerDuration("1d"), undefined);
});
