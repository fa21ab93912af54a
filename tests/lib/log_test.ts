import assert from "node:assert/strict";
import { Failure } from "../../lib/errors.ts";
import { createLog, type Level } from "../../lib/log.ts";
import { Secret } from "../../lib/secret.ts";

function capture(format: "json" | "text" = "json", level: Level = "debug") {
  const written: string[] = [];
  const now = () => Date.UTC(2026, 0, 31, 12);
  const log = createLog({ level, format, now, write: (text) => written.push(text) });
  const lines = () => {
    log.flush();
    return written.join("\n").split("\n").filter(Boolean);
  };
  return { log, written, lines, objects: () => lines().map((line) => JSON.parse(line)) };
}

Deno.test("a log line is one JSON object with its moment, level, message and fields", () => {
  const { log, objects } = capture();
  log.with({ job: "tick" }).info("done", { count: 3, job: "other" });
  assert.deepEqual(objects(), [
    { time: "2026-01-31T12:00:00.000Z", level: "info", message: "done", job: "other", count: 3 },
  ]);
});

Deno.test("a log keeps nothing below its level", () => {
  const { log, lines } = capture("json", "warn");
  log.debug("a");
  log.info("b");
  log.warn("c");
  log.error("d");
  assert.equal(lines().length, 2);
});

Deno.test("a log gathers lines and writes an error at once, with what came before it", () => {
  const { log, written } = capture();
  log.info("first");
  assert.equal(written.length, 0);
  log.error("second");
  assert.equal(written.length, 1);
  assert.equal(written[0]?.split("\n").length, 2);
});

Deno.test("a secret is never written, in whatever form, depth or format", () => {
  const secret = new Secret("hunter2-canary");
  for (const format of ["json", "text"] as const) {
    const { log, lines } = capture(format);
    log.warn(`as text ${secret}`, { secret, deep: { list: [secret] }, text: String(secret) });
    log.warn("in a cause", { error: new Error(`with ${secret}`, { cause: { secret } }) });
    const written = lines().join("\n");
    assert.ok(!written.includes("hunter2"), written);
    assert.match(written, /\*\*\*/);
  }
  assert.ok(!Deno.inspect({ secret }).includes("hunter2"));
});

Deno.test("an error is written with its code and its chain of causes, and without the fields a driver hangs on it", () => {
  const { log, objects } = capture();
  const driver = Object.assign(new Error("duplicate key"), {
    code: "23505",
    detail: "Key (email)=(ada@example.com) exists",
    parameters: ["ada@example.com"],
  });
  log.warn("failed", { error: new Failure("conflict", { cause: driver }) });
  const [{ error }] = objects();
  assert.equal(error.name, "Failure");
  assert.equal(error.code, "conflict");
  assert.ok(error.stack.length > 0);
  assert.equal(error.cause.message, "duplicate key");
  assert.equal(error.cause.code, "23505");
  assert.ok(!JSON.stringify(error).includes("ada@example.com"));
});

/** Values that JSON cannot hold, or that fight back. */
const odd: [what: string, value: unknown][] = [
  ["a circle", circle()],
  ["a cause that is its own cause", ownCause()],
  ["a long chain of causes", longChain()],
  ["a big number", 10n ** 30n],
  ["a symbol", Symbol("x")],
  ["a function", () => 1],
  ["undefined", undefined],
  ["a map", new Map([["a", 1]])],
  ["no date", new Date(NaN)],
  ["half a surrogate pair", "\ud800"],
  ["a getter that throws", {
    get boom() {
      throw new Error("boom");
    },
  }],
  ["a toJSON that throws", {
    toJSON() {
      throw new Error("boom");
    },
  }],
  ["a revoked proxy", revoked()],
  ["deep nesting", nested(50_000)],
];

for (const format of ["json", "text"] as const) {
  Deno.test(`a log never throws, whatever it is given, and still writes its message (${format})`, () => {
    for (const [what, value] of odd) {
      const { log, lines } = capture(format);
      log.warn("the message", { value, after: 1 });
      const written = lines();
      assert.equal(written.length, 1, what);
      assert.match(written[0] ?? "", /the message/, what);
      if (format === "json") assert.equal(JSON.parse(written[0] ?? "").level, "warn", what);
    }
  });
}

Deno.test("whatever people write into a field, a line stays one line without control characters", () => {
  for (const format of ["json", "text"] as const) {
    const { log, lines } = capture(format);
    log.info("request", { path: "/a\n12:00:00.000 error forged\r\x1b[2K" });
    const [line = "", ...others] = lines();
    assert.deepEqual(others, []);
    // What colours the line is ours; what was given must not reach the terminal.
    assert.ok(!line.includes("\r") && !line.includes("\x1b[2K"), JSON.stringify(line));
  }
});

function circle(): unknown {
  const value: Record<string, unknown> = {};
  value.self = value;
  return value;
}

function ownCause(): Error {
  const error = new Error("mine");
  error.cause = error;
  return error;
}

function longChain(): Error {
  let error = new Error("first");
  for (let depth = 0; depth < 20_000; depth++) error = new Error("next", { cause: error });
  return error;
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}
