import assert from "node:assert/strict";
import { catalogue } from "../../../lib/errors.ts";
import { createLog } from "../../../lib/log.ts";
import { withApp } from "../../support/app.ts";

const canary = "canary_of_the_inside";

/** Fails unless this is a problem document as RFC 9457 and the product's contract describe it, and answers it. */
async function problemOf(response: Response) {
  const text = await response.text();
  assert.equal(response.headers.get("content-type"), "application/problem+json", text);
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  assert.equal(response.headers.get("content-security-policy"), "default-src 'none'");
  assert.match(response.headers.get("strict-transport-security") ?? "", /max-age=31536000/);
  const problem = JSON.parse(text);
  const known = ["type", "title", "status", "code", "detail", "instance", "errors"];
  for (const name of Object.keys(problem)) assert.ok(known.includes(name), `${name} in ${text}`);
  const entry = catalogue[problem.code as keyof typeof catalogue];
  assert.ok(entry, text);
  assert.equal(problem.status, response.status);
  assert.equal(problem.status, entry.status);
  assert.equal(problem.title, entry.title);
  assert.equal(problem.type, `/docs/problems#${problem.code}`);
  assert.equal(problem.instance, `urn:request:${response.headers.get("x-request-id")}`);
  return { ...problem, text };
}

const inside = /canary|relation|column|select |sql|stack|postgres|\.ts\b|at async|TypeError/i;

Deno.test("a bug is answered by a problem document without a word of its own, and logged once with all of them", async () => {
  await withApp(async (app) => {
    const { token } = await app.signUp();
    await app.settle();
    await app.inspect.sql.unsafe(`alter table plans rename to ${canary}`);
    const response = await app.request("/v1/plans", { token });
    const { status, code, text, instance } = await problemOf(response);
    assert.equal(`${status} ${code}`, "500 internal");
    assert.doesNotMatch(text, inside);
    const lines = app.logged.filter((line) => line.includes("request failed"));
    assert.equal(lines.length, 1);
    const logged = JSON.parse(lines[0] ?? "");
    assert.equal(instance, `urn:request:${logged.id}`);
    assert.match(logged.error.message, /relation "plans" does not exist/);
    assert.equal(logged.error.code, "42P01");
    await app.inspect.sql.unsafe(`alter table ${canary} rename to plans`);
    app.logged.splice(0);
  });
});

Deno.test("no address lets anything of the inside out when the database fails under it", async () => {
  await withApp(async (app) => {
    const { token } = await app.signUp();
    await app.settle();
    const { sql } = app.inspect;
    // Whatever is written from here on fails with our canary; whatever is read fails for want of its table.
    for (const table of ["plans", "alerts", "notifications", "preferences", "users"]) {
      await sql.unsafe(`alter table ${table} rename to ${canary}_${table}`);
    }
    const id = "0190b0f0-0000-7000-8000-000000000001";
    const asked: [method: string, path: string, json?: unknown][] = [
      ["GET", "/v1/me"],
      ["GET", "/v1/plans"],
      ["GET", `/v1/plans/${id}`],
      ["GET", `/v1/simulations/${id}`],
      ["GET", "/v1/alerts"],
      ["GET", "/v1/inbox"],
      ["GET", "/v1/preferences"],
      ["POST", "/v1/auth/login", { email: "ada@example.com", password: "whatever it is" }],
      ["POST", "/v1/inbox/read", { ids: [id] }],
    ];
    const broken: string[] = [];
    for (const [method, path, json] of asked) {
      const response = await app.request(path, { method, token, json });
      const { text } = await problemOf(response);
      assert.doesNotMatch(text, inside, path);
      if (response.status === 500) broken.push(path);
    }
    assert.ok(broken.length >= 6, `only ${broken} broke`);
    app.logged.splice(0);
  });
});

Deno.test("what a vendor says goes into the log and not to the caller", async () => {
  const world = { fetch: () => Promise.reject(new TypeError(canary)) };
  const env = { MARKET_PROVIDERS: "yahoo" };
  await withApp(async (app) => {
    const { token } = await app.signUp();
    const response = await app.request("/v1/quotes/AAPL", { token });
    const { status, text } = await problemOf(response);
    assert.equal(status, 503);
    assert.ok(Number(response.headers.get("retry-after")) >= 1);
    assert.doesNotMatch(text, inside);
    await app.inspect.sql`delete from outbox`;
    app.logged.splice(0);
  }, { world, env });
});

const refused: [what: string, path: string, init: RequestInit, answer: string][] = [
  ["no token", "/v1/me", {}, "401 not_signed_in"],
  ["a token that is none", "/v1/me", bearer("x.y.z"), "401 invalid_token"],
  ["an address that is not there", "/v1/nothing", {}, "401 not_signed_in"],
  ["an address outside that is not there", "/nothing", {}, "404 not_found"],
  ["a method that is not there", "/healthz", { method: "DELETE" }, "405 method_not_allowed"],
  ["another spelling", "/V1/me", {}, "404 not_found"],
  ["an escape in the path", "/%76%31/me", {}, "401 not_signed_in"],
  ["two slashes", "//v1/me", {}, "404 not_found"],
  ["a slash at the end", "/v1/me/", {}, "401 not_signed_in"],
  ["a method that nobody knows", "/v1/me", { method: "PURGE" }, "401 not_signed_in"],
  ["HEAD", "/v1/me", { method: "HEAD" }, "401"],
  ["an escape that is none", "/v1/plans/%E0%A4%A", {}, "401 not_signed_in"],
  ["a body where none belongs", "/v1/auth/login", { method: "POST" }, "415 unsupported_media_type"],
];

function bearer(token: string): RequestInit {
  return { headers: { authorization: `Bearer ${token}` } };
}

Deno.test("every refusal is a problem document with the status of its code", async () => {
  await withApp(async (app) => {
    for (const [what, path, init, answer] of refused) {
      const response = await app.request(path, init);
      if (init.method === "HEAD") {
        assert.equal(String(response.status), answer, what);
        continue;
      }
      const { status, code } = await problemOf(response);
      assert.equal(`${status} ${code}`, answer, what);
      const challenge = response.headers.get("www-authenticate");
      assert.equal(challenge !== null, status === 401, what);
    }
  });
});

Deno.test("a request's id is the caller's where it is harmless, and stands in answer and log alike", async () => {
  await withApp(async (app) => {
    const own = await app.request("/v1/me", { headers: { "x-request-id": "my-request-1" } });
    assert.equal(own.headers.get("x-request-id"), "my-request-1");
    assert.equal((await problemOf(own)).instance, "urn:request:my-request-1");
    const other = await app.request("/healthz", { headers: { "x-request-id": "no good" } });
    assert.match(other.headers.get("x-request-id") ?? "", /^[0-9a-f]{12}-/);
    await other.body?.cancel();
  });
});

Deno.test("a page of an allowed origin can read every answer, refusals and bugs included", async () => {
  const origin = "https://app.example.com";
  await withApp(async (app) => {
    const { token } = await app.signUp();
    const id = "0190b0f0-0000-7000-8000-000000000001";
    const asked: [path: string, status: number, token?: string][] = [
      ["/healthz", 200],
      ["/v1/me", 200, token],
      ["/v1/me", 401],
      ["/v1/me", 401, "x.y.z"],
      [`/v1/plans/${id}`, 404, token],
      ["/v1/plans?nonsense=1", 422, token],
      ["/nothing", 404],
    ];
    for (const [path, status, given] of asked) {
      const response = await app.request(path, { token: given, headers: { origin } });
      assert.equal(response.status, status, path);
      assert.equal(
        response.headers.get("access-control-allow-origin"),
        origin,
        `${path} ${status}`,
      );
      const others = await app.request(path, {
        token: given,
        headers: { origin: "https://evil.example" },
      });
      assert.equal(others.headers.get("access-control-allow-origin"), null);
      await Promise.all([response.body?.cancel(), others.body?.cancel()]);
    }
    const preflight = await app.request("/v1/plans", {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST" },
    });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get("access-control-allow-origin"), origin);
  }, { env: { CORS_ORIGINS: origin } });
});

Deno.test("each request leaves one line in the log, refused ones too, without token, query or body", async () => {
  const lines: string[] = [];
  const log = createLog({
    level: "info",
    format: "json",
    now: Date.now,
    write: (text) => lines.push(...text.split("\n")),
  });
  await withApp(async (app) => {
    const { token } = await app.signUp();
    await (await app.request(`/v1/plans?cursor=${canary}`, { token })).body?.cancel();
    await (await app.request("/v1/me", { headers: { authorization: `Bearer ${canary}` } })).body
      ?.cancel();
    await (await app.request("/v1/me")).body?.cancel();
    log.flush();
    const requests = lines.map((line) => JSON.parse(line)).filter(({ message }) =>
      message === "request"
    ).map(({ method, path, status }) => `${method} ${path} ${status}`);
    assert.deepEqual(requests.filter((line) => !line.includes("/jobs/")), [
      "POST /v1/auth/register 201",
      "POST /v1/auth/login 200",
      "GET /v1/plans 422",
      "GET /v1/me 401",
      "GET /v1/me 401",
    ]);
    const all = lines.join("\n");
    for (const secret of [token, canary, "a-fine-long-passphrase"]) {
      assert.ok(!all.includes(secret));
    }
  }, { world: { log } });
});
