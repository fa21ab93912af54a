import assert from "node:assert/strict";
import { fail } from "../../lib/errors.ts";
import { readConfig } from "../../config.ts";
import { pollUntil } from "../support/poll.ts";
import { deliver, type Delivered, type DeliveryOptions } from "../support/delivery.ts";
import { type Door, longJob, shortJob, withDoor } from "./door.ts";

const message = { key: "once", version: 1, payload: { message: "hello" } };

/** QStash's development server signs with this key, which stands in the SDK and its documentation. */
const publicDevKey = "sig_7kYjw48mhY7kAjqNGcy6cr29RJ6r";
const hourMs = 3_600_000;

const refused: [what: string, options: (door: Door) => Partial<DeliveryOptions>][] = [
  ["no signature", () => ({ signature: null })],
  ["an empty signature", () => ({ signature: "" })],
  ["a signature that is none", () => ({ signature: "a.b.c" })],
  ["a key that is not ours", () => ({ key: "sig_somebody_elses_key" })],
  ["an empty key", () => ({ key: " " })],
  ["the key of QStash's development server", () => ({ key: publicDevKey })],
  ["another body", () => ({ signedBody: '{"key":"other","version":1}' })],
  ["the same body in another order", () => ({
    signedBody: '{"version":1,"key":"once","payload":{"message":"hello"}}',
  })],
  ["a token for another job", ({ address }) => ({ subject: address("long_test") })],
  ["a token for another host", () => ({ subject: "https://evil.example/jobs/short_test" })],
  ["a token for the failure callback", ({ address }) => ({
    subject: `${address("short_test")}/failed`,
  })],
  ["a token that has expired", () => ({ issuedAtMs: Date.now() - hourMs })],
  ["a token that is not valid yet", () => ({ issuedAtMs: Date.now() + hourMs })],
  ["a token of another issuer", () => ({ issuer: "Somebody" })],
  ["a token without a signature", () => ({ signature: unsigned() })],
];

Deno.test("whoever cannot prove to be QStash, for these bytes at this address, is refused and changes nothing", async () => {
  await withDoor([shortJob()], async (door) => {
    for (const [what, options] of refused) {
      const answer = await door.send("short_test", message, options(door));
      assert.equal(`${answer.status} ${answer.code}`, "401 invalid_signature", what);
    }
    assert.equal(await door.traces(), 0);
  });
});

Deno.test("a failure callback proves itself as every other message does", async () => {
  await withDoor([shortJob()], async (door) => {
    const callback = { status: 500, retried: 3, sourceBody: btoa(JSON.stringify(message)) };
    for (const [what, options] of refused) {
      if (what === "a token for the failure callback") continue;
      const answer = await door.send("short_test/failed", callback, options(door));
      assert.equal(`${answer.status} ${answer.code}`, "401 invalid_signature", what);
    }
    assert.equal(await door.traces(), 0);
  });
});

Deno.test("both keys of a rotation are taken, and a body is what was signed to the last byte", async () => {
  await withDoor([shortJob()], async (door) => {
    const { qstash } = door.app.standIns;
    for (const [index, key] of [qstash.currentSigningKey, qstash.nextSigningKey].entries()) {
      const text = ` {"version" : ${index},"key":"once", "payload":{"message":"grüße 👋"}}\n`;
      assert.equal((await door.send("short_test", text, { key })).outcome, "done");
    }
    assert.equal(await door.effects(), 2);
  });
});

Deno.test("the app refuses to start with QSTASH_DEV, under which the SDK would take the public key", () => {
  const env: Record<string, string> = { QSTASH_DEV: "true" };
  assert.throws(() => readConfig((name) => env[name]), /QSTASH_DEV must not be set/);
});

Deno.test("with QSTASH_DEV in the environment, the door still refuses the key that everybody knows", async () => {
  // In a process of its own: tests side by side share one environment.
  const program = new URL("./verify_with_dev_mode.ts", import.meta.url).pathname;
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-env", "--allow-read", "--no-prompt", program, publicDevKey],
    env: { QSTASH_DEV: "true" },
  }).output();
  assert.ok(success);
  assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)), {
    sdkAlone: true,
    ours: false,
    oursWithOwnKey: true,
  });
});

Deno.test("the public address decides what a token is for, not the host that a caller names", async () => {
  await withDoor([shortJob()], async ({ app, taker }) => {
    const url = "http://evil.example/jobs/short_test";
    const { currentSigningKey: key } = app.standIns.qstash;
    assert.equal((await deliver(taker, url, message, { key })).status, 401);
    const subject = `${app.url}/jobs/short_test`;
    assert.equal((await deliver(taker, url, message, { key, subject })).status, 200);
  });
});

const hopeless: [what: string, job: string, body: unknown][] = [
  ["a job that nobody has", "no_such_job", message],
  ["a payload that does not fit", "short_test", { ...message, payload: { message: 1 } }],
  ["no JSON", "short_test", "hello"],
  ["nothing", "short_test", ""],
  ["a message without a key", "short_test", { version: 1 }],
  ["a key that could be anything", "short_test", { key: "../../etc", version: 1 }],
  ["a version that is none", "short_test", { key: "once", version: "1" }],
  ["a payload that is a list", "short_test", { key: "once", version: 1, payload: [] }],
  ["a failure callback that is none", "short_test/failed", { hello: 1 }],
  ["a failure callback of somebody else's message", "short_test/failed", { sourceBody: "e30=" }],
];

Deno.test("what can never succeed is answered 489, which sends it straight to the dead letters", async () => {
  await withDoor([shortJob()], async (door) => {
    for (const [what, job, body] of hopeless) {
      const answer = await door.send(job, body);
      assert.equal(`${answer.status} ${answer.code}`, "489 poison", what);
      assert.equal(answer.headers.get("upstash-nonretryable-error"), "true", what);
    }
    assert.equal(await door.effects(), 0);
    const runs = await door.runs();
    assert.deepEqual(runs.map(({ state, errorCode }) => ({ state, errorCode })), [
      { state: "failed", errorCode: "poison" },
    ], "only the payload that does not fit is a run");
  });
});

Deno.test("a body that is too large is refused before it is read", async () => {
  await withDoor([shortJob()], async (door) => {
    const large = { ...message, payload: { message: "x".repeat(2_000_000) } };
    assert.equal((await door.send("short_test", large)).status, 413);
    assert.equal(await door.traces(), 0);
  });
});

Deno.test("a message delivered again is answered 200 and does nothing, however often and whenever it comes", async () => {
  await withDoor([shortJob()], async (door) => {
    const outcomes: (string | undefined)[] = [];
    for (let time = 0; time < 4; time++) {
      outcomes.push((await door.send("short_test", message)).outcome);
    }
    assert.deepEqual(outcomes, ["done", "duplicate", "duplicate", "duplicate"]);
    assert.equal(await door.effects(), 1);
    assert.equal((await door.send("short_test", { ...message, version: 2 })).outcome, "done");
    assert.equal((await door.send("short_test", { ...message, key: "other" })).outcome, "done");
    assert.equal(await door.effects(), 3);
  });
});

Deno.test("the same message three times at once has one effect; the others are duplicates or told to wait", async () => {
  const bothIn = Promise.withResolvers<void>();
  let started = 0;
  const slow = shortJob(() => {
    started++;
    return bothIn.promise;
  });
  await withDoor([slow], async (door) => {
    const sending = [1, 2, 3].map(() =>
      door.send("short_test", message, { messageId: "msg_same" })
    );
    const early: Delivered[] = [];
    for (const one of sending) void one.then((answer) => early.push(answer));
    // Nobody is done yet, so whoever has an answer was told to wait.
    await pollUntil("two answers", () => early.length === 2);
    for (const { status, headers } of early) {
      assert.equal(status, 429);
      assert.ok(Number(headers.get("retry-after")) >= 1);
    }
    bothIn.resolve();
    const answers = await Promise.all(sending);
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 429, 429]);
    assert.equal(started, 1);
    assert.equal(await door.effects(), 1);
    assert.equal((await door.send("short_test", message)).outcome, "duplicate");
    const [run] = await door.runs();
    assert.deepEqual([run?.state, run?.attempts], ["succeeded", 1]);
  });
});

Deno.test("a job that throws leaves nothing but its failed run, and a later delivery does the work", async () => {
  let broken = true;
  const job = shortJob(() => {
    if (broken) throw new TypeError("a canary of the inside");
  });
  await withDoor([job], async (door) => {
    const failed = await door.send("short_test", message);
    assert.equal(`${failed.status} ${failed.code}`, "500 internal");
    assert.ok(!failed.text.includes("canary"));
    assert.equal(await door.effects(), 0);
    assert.equal((await door.app.inspect.sql`select from outbox`).length, 0);
    const [run] = await door.runs();
    assert.deepEqual(
      [run?.state, run?.attempts, run?.errorCode],
      ["failed", 1, "internal"],
    );
    await door.send("short_test", message);
    broken = false;
    assert.equal((await door.send("short_test", message)).outcome, "done");
    assert.equal(await door.effects(), 1);
    const [after] = await door.runs();
    assert.deepEqual([after?.state, after?.attempts, after?.errorCode], ["succeeded", 3, null]);
    assert.equal((await door.app.inspect.sql`select from outbox`).length, 1);
    door.app.logged.splice(0);
  });
});

Deno.test("a failure that trying again can mend keeps its status, and one that it cannot becomes 489", async () => {
  let code: Parameters<typeof fail>[0] = "unavailable";
  await withDoor([shortJob(() => fail(code))], async (door) => {
    const unavailable = await door.send("short_test", message);
    assert.equal(unavailable.status, 503);
    assert.ok(unavailable.headers.has("retry-after"));
    code = "not_found";
    const hopeless = await door.send("short_test", message);
    assert.equal(hopeless.status, 489);
    assert.deepEqual((await door.runs()).map(({ errorCode }) => errorCode), ["not_found"]);
  });
});

Deno.test("a long job runs once at a time: another delivery is told to wait, and after it is a duplicate", async () => {
  const held = Promise.withResolvers<void>();
  let started = 0;
  const job = longJob(() => {
    started++;
    return held.promise;
  });
  await withDoor([job], async (door) => {
    const first = door.send("long_test", message);
    await pollUntil("the start", () => started === 1);
    const second = await door.send("long_test", message);
    assert.equal(`${second.status} ${second.code}`, "429 busy");
    assert.ok(Number(second.headers.get("retry-after")) >= 1);
    held.resolve();
    assert.equal((await first).outcome, "done");
    assert.equal((await door.send("long_test", message)).outcome, "duplicate");
    assert.equal(await door.effects(), 1);
  });
});

Deno.test("a long job whose lease has ended is taken over, and what its first holder says afterwards counts for nothing", async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let started = 0;
  const job = longJob(async () => await gates[started++]?.promise, 10);
  await withDoor([job], async (door) => {
    const first = door.send("long_test", message, { messageId: "msg_same" });
    await pollUntil("the first", () => started === 1);
    // Its process hangs for longer than the lease.
    await door.app.inspect.sql`update job_runs set lease_until = now() - interval '1 second'`;
    const second = door.send("long_test", message, { messageId: "msg_same" });
    await pollUntil("the second", () => started === 2);
    gates[0]?.reject(new Error("the first gives up at last"));
    assert.equal((await first).status, 500);
    const [held] = await door.runs();
    assert.deepEqual([held?.state, held?.leased, held?.attempts], ["running", true, 2]);
    assert.equal((await door.send("long_test", message)).status, 429, "the second still has it");
    gates[1]?.resolve();
    assert.equal((await second).outcome, "done");
    const [done] = await door.runs();
    assert.deepEqual([done?.state, done?.leased, done?.errorCode], ["succeeded", false, null]);
    door.app.logged.splice(0);
  });
});

Deno.test("a long job that throws is free for the next delivery at once", async () => {
  let broken = true;
  const job = longJob(() => {
    if (broken) throw new Error("away");
  });
  await withDoor([job], async (door) => {
    assert.equal((await door.send("long_test", message)).status, 500);
    const [run] = await door.runs();
    assert.deepEqual([run?.state, run?.leased, run?.attempts], ["failed", false, 1]);
    broken = false;
    assert.equal((await door.send("long_test", message)).outcome, "done");
    assert.equal(await door.effects(), 1);
  });
});

Deno.test("what QStash gives up on is kept once, with why, and its run is dead", async () => {
  await withDoor([shortJob(() => fail("unavailable"))], async (door) => {
    await door.send("short_test", message);
    const callback = {
      status: 503,
      body: btoa("no luck"),
      retried: 3,
      sourceBody: btoa(JSON.stringify(message)),
    };
    const answers = await Promise.all(
      [1, 2, 3].map(() => door.send("short_test/failed", callback)),
    );
    assert.ok(answers.every(({ status }) => status === 200 || status === 429));
    assert.ok(answers.some(({ outcome }) => outcome === "recorded"));
    await door.send("short_test/failed", { ...callback, body: btoa("another reason") });
    const letters = await door.app.inspect.sql`
      select job, key, version, payload, reason, status, attempts from dead_letters`;
    assert.deepEqual(letters.map((letter) => ({ ...letter })), [{
      job: "short_test",
      key: "once",
      version: "1",
      payload: { message: "hello" },
      reason: "no luck",
      status: 503,
      attempts: 4,
    }]);
    assert.deepEqual((await door.runs()).map(({ state }) => state), ["dead"]);
  });
});

Deno.test("a report that a message failed, come late, does not bury a run that has succeeded", async () => {
  await withDoor([shortJob()], async (door) => {
    await door.send("short_test", message);
    await door.send("short_test/failed", { sourceBody: btoa(JSON.stringify(message)) });
    assert.deepEqual((await door.runs()).map(({ state }) => state), ["succeeded"]);
  });
});

Deno.test("an id that QStash would never send is not repeated to anybody", async () => {
  await withDoor([shortJob()], async (door) => {
    for (const messageId of ["x".repeat(5_000), "a;b", "<b>"]) {
      const answer = await door.send("short_test", message, { messageId, signature: null });
      assert.equal(answer.headers.get("x-request-id"), "unknown");
      assert.ok(answer.text.length < 500);
    }
  });
});

function unsigned(): string {
  const part = (value: unknown) =>
    new TextEncoder().encode(JSON.stringify(value)).toBase64({
      alphabet: "base64url",
      omitPadding: true,
    });
  const exp = Math.floor(Date.now() / 1_000) + 300;
  return `${part({ alg: "none", typ: "JWT" })}.${part({ iss: "Upstash", exp })}.`;
}
