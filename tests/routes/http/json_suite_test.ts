import assert from "node:assert/strict";
import { withApp } from "../../support/app.ts";
import { readSharedText } from "../../support/shared_data.ts";

interface SuiteCase {
  name: string;
  expect: "accept" | "reject" | "either";
  b64?: string;
  /** In place of bytes, for the two files that repeat a few characters very often. */
  unit?: string;
  times?: number;
  suffix?: string;
}

function bytesOf({ b64, unit = "", times = 0, suffix = "" }: SuiteCase): Uint8Array<ArrayBuffer> {
  if (b64 !== undefined) return Uint8Array.fromBase64(b64);
  return new TextEncoder().encode(unit.repeat(times) + suffix);
}

const suite = readSharedText("security/jsontestsuite.jsonl");

Deno.test({
  name: suite === undefined
    ? "the JSON test suite through the API (skipped: ../shared/data is missing)"
    : "every file of the JSON test suite is answered by the caller's error and never by ours, and what is no JSON is refused as such",
  ignore: suite === undefined,
  async fn() {
    const cases = (suite ?? "").trim().split("\n").map((line): SuiteCase => JSON.parse(line));
    assert.ok(cases.length > 300);
    await withApp(async (app) => {
      const clean = Object.getOwnPropertyNames(Object.prototype).length;
      for (const one of cases) {
        const { name, expect } = one;
        const response = await app.request("/v1/auth/refresh", {
          method: "POST",
          body: bytesOf(one),
          headers: { "content-type": "application/json" },
        });
        const { code } = await response.json();
        // None of them is what this address takes, so those that are JSON fail its schema instead.
        // Two files are longer than what a sign-in may send.
        const refusal = one.unit === undefined ? 400 : 413;
        assert.ok([refusal, 422].includes(response.status), `${name}: ${response.status}`);
        if (expect === "reject") assert.equal(response.status, refusal, `${name}: ${code}`);
        const refusedText = code === "malformed_text" || code === "too_deep";
        if (expect === "accept" && !refusedText) assert.equal(response.status, 422, name);
      }
      assert.equal(Object.getOwnPropertyNames(Object.prototype).length, clean);
      assert.deepEqual(app.logged.filter((line) => line.includes("request failed")), []);
    });
  },
});
