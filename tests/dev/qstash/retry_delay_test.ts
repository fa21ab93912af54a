import assert from "node:assert/strict";
import { backoffMs, retryDelayMs } from "../../../dev/qstash/retry_delay.ts";
import { hourMs, minuteMs, secondMs } from "../../../lib/time.ts";

const nowMs = Date.parse("2024-06-27T12:00:00Z");
const usualMs = backoffMs(1);

// The documented forms, then what is none of them and so not heard.
const wishes: Array<[value: string, delayMs: number]> = [
  ["0", 0],
  ["10", 10 * secondMs],
  ["86400", 24 * hourMs],
  ["6m5s", 365 * secondMs],
  ["250ms", 250],
  ["1h", hourMs],
  ["500us", 0.5],
  ["Thu, 27 Jun 2024 12:16:24 GMT", 16 * minuteMs + 24 * secondMs],
  ["Thu, 27 Jun 2024 11:00:00 GMT", 0],
  ["86401", usualMs],
  ["25h", usualMs],
  ["Fri, 28 Jun 2024 12:00:01 GMT", usualMs],
  ["1d", usualMs],
  ["-5", usualMs],
  ["soon", usualMs],
  ["soon 5", usualMs],
  ["2024-06-27T12:30:00Z", usualMs],
];

const names = [
  "Retry-After",
  "X-RateLimit-Reset",
  "X-RateLimit-Reset-Requests",
  "X-RateLimit-Reset-Tokens",
];

for (const [value, delayMs] of wishes) {
  Deno.test(`"${value}" in an answer's header asks for a retry in ${delayMs} ms`, () => {
    for (const name of names) {
      const headers = new Headers({ [name]: value });
      assert.equal(retryDelayMs({ retried: 0, headers, nowMs }), delayMs, name);
    }
  });
}

Deno.test("of several headers the first that can be read decides, in the documented order", () => {
  const headers = new Headers({ "X-RateLimit-Reset": "7", "X-RateLimit-Reset-Tokens": "9" });
  assert.equal(retryDelayMs({ retried: 0, headers, nowMs }), 7 * secondMs);
  headers.set("Retry-After", "never");
  assert.equal(retryDelayMs({ retried: 0, headers, nowMs }), 7 * secondMs);
  headers.set("Retry-After", "3");
  assert.equal(retryDelayMs({ retried: 0, headers, nowMs }), 3 * secondMs);
});
