import assert from "node:assert/strict";
import postgres from "postgres";
import { createLog, type Log } from "../../lib/log.ts";
import { Failure } from "../../lib/errors.ts";
import { Secret } from "../../lib/secret.ts";
import { withDatabase } from "./database_world.ts";

const token = "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOjF9.c2lnbmF0dXJlLWNhbmFyeQ";
const password = "hunter2-canary-password";
const email = "ada.canary@example.com";
const iban = "DE89370400440532013000";
const canaries = [token, password, email, iban, "hunter2", "canary"];

/** What both formats of the log write while `work` uses it. */
function written(work: (log: Log) => void): string {
  return (["json", "text"] as const).map((format) => {
    let text = "";
    const write = (more: string) => text += `${more}\n`;
    const log = createLog({ level: "debug", format, now: () => 0, write });
    work(log);
    log.flush();
    return text;
  }).join("");
}

function assertClean(text: string) {
  for (const canary of canaries) assert.ok(!text.includes(canary), `${canary}: ${text}`);
}

/** The error with which a statement fails. */
async function failureOf(statement: Promise<unknown>): Promise<Error> {
  return await statement.then(() => assert.fail("it did not fail"), (error: Error) => error);
}

Deno.test("no line tells what was in the row, the parameters or the text of a statement that Postgres refused", async () => {
  await withDatabase(async ({ url }) => {
    // With `debug`, the driver hangs statement and parameters on its errors as if they were fields of ours.
    const sql = postgres(url, { max: 1, onnotice() {}, debug: () => {} });
    await sql`create table banks (iban text constraint banks_iban_key unique, email text, n integer
                constraint banks_n_check check (n < 10))`;
    await sql`insert into banks values (${iban}, ${email}, 1)`;
    const errors = [
      await failureOf(sql`insert into banks values (${iban}, ${email}, 1)`),
      await failureOf(sql`insert into banks values (${password}, ${email}, 99)`),
      await failureOf(sql.unsafe(`select '${email}'::integer`)),
      await failureOf(sql.unsafe(`select '${iban}'::date`)),
      await failureOf(sql.unsafe(`do $$ begin raise exception 'no % here', '${password}'; end $$`)),
      await failureOf(sql.unsafe(`select * from banks where email = '${email}' and ${token}`)),
    ];
    await sql.end();
    assert.ok(Object.values(errors[0] ?? {}).some((value) => String(value).includes(iban)));
    const text = written((log) => {
      for (const error of errors) {
        log.warn("failed", { error });
        log.error("failed", { error: new Failure("conflict", { cause: error }) });
        log.warn("failed", { deep: { list: [error] }, failures: new AggregateError([error]) });
      }
    });
    assertClean(text);
    // What helps to find the fault is kept.
    for (const kept of ["23505", "banks_iban_key", "banks_n_check", "22P02", "duplicate key"]) {
      assert.ok(text.includes(kept), kept);
    }
  });
});

Deno.test("what is called like a secret is not printed, wherever it stands and however it is written", () => {
  const names = [
    "password",
    "Authorization",
    "cookie",
    "Set-Cookie",
    "x-api-key",
    "apiKey",
    "access_token",
    "refreshToken",
    "iban",
    "email",
  ];
  for (const name of names) {
    assertClean(written((log) => {
      log.with({ [name]: password }).info("bound");
      log.info("top", { [name]: password });
      log.info("deep", { headers: { [name]: password }, list: [{ [name]: [password] }] });
      log.info("objects", { [name]: { inner: password } });
    }));
  }
});

Deno.test("messages of errors are printed without what looks like a token, an address or an account", () => {
  const said = [
    `no ${token} here`,
    `authorization: Bearer ${password}`,
    `to <${email}> failed`,
    `account DE89 3704 0044 0532 0130 00 and ${iban}`,
    `connect to postgres://almanac:${password}@db.example.com:5432/almanac`,
    `many\nlines\n    at ${email} (file.ts:1:1)`,
  ];
  const text = written((log) => {
    for (const message of said) {
      log.warn("failed", { error: new Error(message, { cause: new TypeError(message) }) });
    }
    log.warn("failed", { error: jsonError(`{"password": "${password}"`) });
    log.warn("failed", { error: jsonError(password) });
  });
  assertClean(text);
  assert.ok(text.includes("db.example.com:5432"));
  assert.ok(!text.includes("0440532") && !text.includes("0044 0532"));
});

Deno.test("headers, addresses with a query, bytes and secrets print nothing of what they hold", () => {
  assertClean(written((log) => {
    log.info("request", {
      headers: new Headers({ authorization: `Bearer ${token}`, cookie: password }),
      request: new Request("https://x.example", { headers: { "x-api-key": password } }),
      url: new URL(`https://user:${password}@x.example/path?key=${password}`),
      bytes: new TextEncoder().encode(password),
      deep: { url: new URL(`https://x.example/?token=${token}`) },
      secret: new Secret(password),
      given: [new Secret(password)],
    });
  }));
});

Deno.test("a message of any length is cut before it is looked at, so that no error can hold up the process", () => {
  const startedMs = performance.now();
  written((log) => log.warn("failed", { error: new Error("a".repeat(5_000_000)) }));
  assert.ok(performance.now() - startedMs < 2_000);
});

Deno.test("a built line is written as any other, at its level, in its format, with what the log repeats", () => {
  const lines: string[] = [];
  const options = {
    level: "info",
    now: () => 0,
    write: (text: string) => lines.push(text),
  } as const;
  const json = createLog({ ...options, format: "json" }).with({ region: "eu" });
  assert.deepEqual([json.takes("debug"), json.takes("info")], [false, true]);
  json.line("debug", "request", '"status":200');
  json.line("info", "request", '"status":200,"path":"/v1"');
  json.line("info", "idle", "");
  json.flush();
  assert.deepEqual(lines.splice(0).join("\n").split("\n").map((line) => JSON.parse(line)), [
    {
      time: "1970-01-01T00:00:00.000Z",
      level: "info",
      message: "request",
      region: "eu",
      status: 200,
      path: "/v1",
    },
    { time: "1970-01-01T00:00:00.000Z", level: "info", message: "idle", region: "eu" },
  ]);
  const text = createLog({ ...options, format: "text" });
  text.line("warn", "request", '"status":200,"path":"/v1\\u001b[2K"');
  text.flush();
  assert.match(lines.join(), /warn.* request.* status=200 path=\/v1\\u001b/);
  text.line("error", "broken", '"status":');
  assert.match(lines.join(), /broken/);
});

Deno.test("a field cannot pass for the moment, the level or the message of its line", () => {
  const lines = written((log) => log.info("said", { time: "1", level: "error", message: "other" }));
  const [first = ""] = lines.split("\n");
  assert.deepEqual(JSON.parse(first), {
    time: "1970-01-01T00:00:00.000Z",
    level: "info",
    message: "said",
    field_time: "1",
    field_level: "error",
    field_message: "other",
  });
});

Deno.test("each line has the moment at which it was written, to the millisecond", () => {
  const moments = [0, 1, 999, 1_000, 1_767_225_600_042, 1_767_225_599_999, -1];
  const lines: string[] = [];
  let nowMs = 0;
  const log = createLog({
    level: "info",
    format: "json",
    now: () => nowMs,
    write: (text) => lines.push(text),
  });
  for (nowMs of moments) log.error("now");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).time),
    moments.map((moment) => new Date(moment).toISOString()),
  );
});

function jsonError(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}
