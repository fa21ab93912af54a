import assert from "node:assert/strict";
import { createSigner } from "../dev/vendors/sendgrid/sign.ts";
import { type Caller, createCaller } from "./naughty/caller.ts";
import { faultOf } from "./naughty/judge.ts";
import { clearAway } from "./naughty/read_back.ts";
import { type Rig, startRig } from "./naughty/rig.ts";
import { withApp } from "./support/app.ts";
import type { Endpoint } from "./support/endpoints.ts";
import { readSharedText } from "./support/shared_data.ts";

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

/** What says of a body that it is no JSON, or more of it than we read. */
const refusals = ["malformed_json", "malformed_text", "too_deep", "body_too_large"];

const suite = readSharedText("security/jsontestsuite.jsonl");
const cases = (suite ?? "").trim().split("\n").filter(Boolean)
  .map((line): SuiteCase => JSON.parse(line));

function test(name: string, fn: () => Promise<void>) {
  const isMissing = suite === undefined;
  const skipped = isMissing ? " (skipped: ../shared/data is missing)" : "";
  Deno.test({ name: name + skipped, ignore: isMissing, fn });
}

test("every file of the JSON test suite, as the body of every operation, is never our error, and what is no JSON is refused as such", async () => {
  await withApp(async (app) => {
    assert.ok(cases.length > 300);
    const clean = Object.getOwnPropertyNames(Object.prototype);
    const rig = await startRig(app);
    const taking = rig.endpoints.filter(({ checks }) =>
      checks.some(({ target }) => target === "json")
    );
    assert.ok(taking.length > 10);
    const faults: string[] = [];
    for (const endpoint of taking) {
      const caller = await createCaller(rig);
      for (const one of cases) {
        const fault = await faultWith(rig, caller, endpoint, one);
        if (fault) faults.push(`${endpoint.route}, ${one.name}: ${fault}`);
      }
    }
    assert.deepEqual(faults, []);
    assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), clean);
    assert.deepEqual(app.logged.filter((line) => line.includes("request failed")), []);
  });
});

test("every file of the JSON test suite, signed by SendGrid, is never our error, and what is no JSON is refused as such", async () => {
  await withApp(async (app) => {
    const signer = await createSigner();
    const rig = await startRig(app, { SENDGRID_WEBHOOK_PUBLIC_KEY: signer.publicKey });
    const timestamp = String(Math.floor(Date.now() / 1_000));
    for (const one of cases) {
      const body = bytesOf(one);
      const answer = await rig.send("/webhooks/sendgrid", {
        method: "POST",
        body,
        headers: {
          "x-twilio-email-event-webhook-timestamp": timestamp,
          "x-twilio-email-event-webhook-signature": await signer.sign(timestamp, body),
        },
      });
      const { code } = JSON.parse(answer.text);
      const isRefused = code === "malformed_json";
      assert.ok(isRefused || answer.status === 200, `${one.name}: ${answer.text}`);
      if (one.expect !== "either") assert.equal(isRefused, one.expect === "reject", one.name);
    }
  });
});

async function faultWith(
  rig: Rig,
  caller: Caller,
  endpoint: Endpoint,
  one: SuiteCase,
): Promise<string | undefined> {
  const body = bytesOf(one);
  const answer = await caller.ask(endpoint, { ...caller.usual(endpoint), body });
  await clearAway(caller, answer);
  const fault = faultOf(answer, rig.statusesOf(endpoint));
  if (fault) return fault;
  const { code } = answer.text === "" ? {} : JSON.parse(answer.text);
  const isRefused = refusals.includes(code);
  if (one.expect === "reject" && !isRefused) return `${answer.status} ${code}`;
  // JSON, but with a text that Postgres cannot keep, or too deep.
  const isTold = ["malformed_text", "too_deep", "body_too_large"].includes(code);
  return one.expect === "accept" && isRefused && !isTold ? code : undefined;
}
