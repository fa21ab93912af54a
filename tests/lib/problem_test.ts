import assert from "node:assert/strict";
import { catalogue, type ErrorCode, fail, Failure, isFailure } from "../../lib/errors.ts";
import { problemResponse } from "../../lib/problem.ts";

const codes = Object.keys(catalogue) as ErrorCode[];

Deno.test("every code of the catalogue is answered with its status, its sentence and nothing else", async () => {
  for (const code of codes) {
    const response = problemResponse(new Failure(code), "request-1");
    assert.equal(response.status, catalogue[code].status);
    assert.deepEqual(await response.json(), {
      type: `/docs/problems#${code}`,
      title: catalogue[code].title,
      status: catalogue[code].status,
      code,
      instance: "urn:request:request-1",
    });
  }
});

Deno.test("a code is lower case, and its sentence is one for people: whole, and without a word of the inside", () => {
  for (const code of codes) {
    assert.match(code, /^[a-z][a-z_]+$/);
    assert.match(catalogue[code].title, /^[A-Z].*\.$/, code);
    assert.doesNotMatch(catalogue[code].title, /sql|postgres|redis|qstash|exception|null/i, code);
  }
});

Deno.test("what trying again can mend is what a queue or a client is told to try again", () => {
  for (const code of codes) {
    const { status } = catalogue[code];
    const passing = [408, 429].includes(status) || status >= 500;
    assert.equal(new Failure(code).retry, passing, code);
  }
});

Deno.test("an error that is no failure of ours is internal, whatever it says and whatever it is", async () => {
  const thrown = [new Error("canary"), "canary", null, undefined, 42, {
    status: 200,
    code: "canary",
  }];
  for (const error of thrown) {
    const response = problemResponse(error, "request-1");
    assert.equal(response.status, 500);
    assert.ok(!(await response.text()).includes("canary"));
  }
});

Deno.test("a cause never leaves, and a detail does", async () => {
  const failure = new Failure("conflict", { detail: "Another plan.", cause: new Error("canary") });
  const text = await problemResponse(failure, "request-1").text();
  assert.match(text, /Another plan\./);
  assert.ok(!text.includes("canary"));
});

Deno.test("an answer says when to come back: as the failure does, in whole seconds, or after one where a part is away", () => {
  const waits = (code: ErrorCode, retryAfterSeconds?: number) =>
    problemResponse(new Failure(code, { retryAfterSeconds }), "r").headers.get("retry-after");
  assert.equal(waits("busy", 2.1), "3");
  assert.equal(waits("busy", 0), "1");
  assert.equal(waits("unavailable"), "1");
  assert.equal(waits("unavailable", 30), "30");
  assert.equal(waits("not_found"), null);
});

Deno.test("a 412 carries the tag that is current, a 401 its challenge, and an answer twenty wrong places at most", async () => {
  const { headers } = problemResponse(new Failure("version_mismatch", { etag: '"7"' }), "r");
  assert.equal(headers.get("etag"), '"7"');
  const challenge = (code: ErrorCode) =>
    problemResponse(new Failure(code), "r").headers.get("www-authenticate");
  assert.equal(challenge("not_signed_in"), "Bearer");
  assert.equal(challenge("invalid_token"), 'Bearer error="invalid_token"');
  assert.equal(challenge("forbidden"), null);
  const errors = Array.from({ length: 21 }, (_, n) => ({ path: `${n}`, message: "is wrong" }));
  const answer = await problemResponse(new Failure("invalid_request", { errors }), "r").json();
  assert.equal(answer.errors.length, 20);
});

Deno.test("fail() throws what isFailure() knows by its code", () => {
  assert.throws(() => fail("busy"), (error) => isFailure(error, "busy") && isFailure(error));
  assert.ok(!isFailure(new Failure("busy"), "conflict"));
  assert.ok(!isFailure(new Error("busy")));
});
