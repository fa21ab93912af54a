import assert from "node:assert/strict";
import { refusingUrl } from "../../support/raw_server.ts";
import { type TestApp, withApp } from "../../support/app.ts";
import { signToken } from "../../support/tokens.ts";

/** Behind one proxy of ours, so that a test can come from anywhere. */
const proxied = { TRUSTED_PROXIES: "1" };

type Fetch = (request: Request) => Promise<Response>;

interface Asking {
  from?: string;
  token?: string;
  method?: string;
  json?: unknown;
}

async function ask(app: TestApp, fetch: Fetch, path: string, asking: Asking = {}) {
  const { from = "203.0.113.9", token, method = "GET", json } = asking;
  const response = await fetch(
    new Request(app.url + path, {
      method,
      headers: {
        "x-forwarded-for": from,
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(json ? { "content-type": "application/json" } : {}),
      },
      ...(json ? { body: JSON.stringify(json) } : {}),
    }),
  );
  await response.body?.cancel();
  return response.status;
}

/** How many of the answers are no 429. */
function admitted(statuses: number[]): number {
  return statuses.filter((status) => status !== 429).length;
}

async function times(count: number, work: (n: number) => Promise<number>): Promise<number[]> {
  const statuses: number[] = [];
  for (let n = 0; n < count; n++) statuses.push(await work(n));
  return statuses;
}

Deno.test("a refused call says which limit it met, what that is, and when to come again", async () => {
  const startedMs = Date.now();
  const env = { LIMIT_WRITES: "3/60" };
  await withApp(async (app) => {
    const { token } = await app.signUp();
    await app.settle();
    const write = () => app.request("/v1/nothing", { method: "POST", token, json: {} });
    for (const remaining of [2, 1, 0]) {
      const response = await write();
      assert.equal(response.status, 404);
      assert.equal(response.headers.get("ratelimit-policy"), '"writes";q=3;w=60');
      assert.equal(response.headers.get("ratelimit"), `"writes";r=${remaining};t=60`);
      await response.body?.cancel();
    }
    const refused = await write();
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get("content-type"), "application/problem+json");
    assert.equal(refused.headers.get("retry-after"), "60");
    assert.equal(refused.headers.get("ratelimit-policy"), '"writes";q=3;w=60');
    assert.equal(refused.headers.get("ratelimit"), '"writes";r=0;t=60');
    const problem = await refused.json();
    assert.deepEqual(problem, {
      type: "/docs/problems#too_many_requests",
      title: "Too many requests.",
      status: 429,
      code: "too_many_requests",
      instance: `urn:request:${refused.headers.get("x-request-id")}`,
      "violated-policies": ["writes"],
    });
    // Reads are counted for themselves, and tell nothing while there is room.
    const read = await app.request("/v1/me", { token });
    assert.equal(read.status, 200);
    assert.equal(read.headers.get("ratelimit"), null);
    await read.body?.cancel();
  }, { env, world: { now: () => startedMs } });
});

Deno.test("a thousand addresses that a caller makes up make no difference", async () => {
  await withApp(async (app) => {
    const { fetch } = app.another();
    const spoofed = await times(
      1_000,
      (n) => ask(app, fetch, "/docs", { from: `10.${n >> 8}.${n & 255}.1, 203.0.113.9` }),
    );
    assert.equal(admitted(spoofed), 20);
    const direct = app.another({ TRUSTED_PROXIES: "0" });
    const statuses = await times(
      100,
      (n) => ask(app, direct.fetch, "/docs", { from: `10.0.0.${n}` }),
    );
    assert.equal(admitted(statuses), 20);
    assert.equal(await ask(app, fetch, "/docs", { from: "203.0.113.10" }), 200);
  }, { env: { ...proxied, LIMIT_ANONYMOUS: "20/900" } });
});

Deno.test("all addresses of a /64 are one caller, and so is an IPv4 address in each of its spellings", async () => {
  await withApp(async (app) => {
    const { fetch } = app.another();
    const rotating = await times(
      100,
      (n) => ask(app, fetch, "/docs", { from: `2001:db8:1:2:${n.toString(16)}::${n}` }),
    );
    assert.equal(admitted(rotating), 20);
    assert.equal(await ask(app, fetch, "/docs", { from: "2001:db8:1:3::1" }), 200);
    const spellings = ["192.0.2.1", "::ffff:192.0.2.1", "::FFFF:C000:0201", "192.0.2.1:5000"];
    const mapped = await times(
      40,
      (n) => ask(app, fetch, "/docs", { from: spellings[n % 4] }),
    );
    assert.equal(admitted(mapped), 20);
  }, { env: { ...proxied, LIMIT_ANONYMOUS: "20/900" } });
});

Deno.test("no spelling of a path escapes the count or changes what a call counts as", async () => {
  const env = { ...proxied, LIMIT_ANONYMOUS: "12/900", LIMIT_SIGN_IN_ADDRESS: "4/900" };
  await withApp(async (app) => {
    const { fetch } = app.another();
    const json = { email: "nobody@example.com", password: "a wrong one" };
    const logIns = ["/v1/auth/login", "/v1/auth/%6Cogin", "/v1/auth/login?x=1", "/v1/%61uth/login"];
    const tries = await times(
      12,
      (n) => ask(app, fetch, logIns[n % 4]!, { method: "POST", json }),
    );
    assert.equal(admitted(tries), 4);
    // What the router does not take for the login is no login, and counts as any other call.
    const elsewhere = [
      "/V1/auth/login",
      "/v1//auth/login",
      "/v1/auth/login/",
      "/v1/auth/LOGIN",
      "//v1/auth/login",
      "/v1/auth/login%2F",
      "/v1/auth%2Flogin",
      "/%00",
    ];
    const unknown = await times(
      40,
      (n) => ask(app, fetch, elsewhere[n % elsewhere.length]!, { method: "POST", json }),
    );
    assert.equal(admitted(unknown), 12);
    assert.ok(
      unknown.slice(0, 12).every((status) => status === 401 || status === 404),
      `${unknown}`,
    );
  }, { env });
});

Deno.test("two processes hold the reads of a person together, within 5 %", async () => {
  await withApp(async (app) => {
    const { token } = await app.signUp();
    const processes = [app.another(), app.another()];
    for (const { fetch } of processes) await ask(app, fetch, "/v1/me", { token });
    const statuses = await Promise.all(
      Array.from({ length: 600 }, (_, n) => ask(app, processes[n % 2]!.fetch, "/v1/me", { token })),
    );
    const count = admitted(statuses) + 2;
    assert.ok(Math.abs(count - 200) <= 10, `${count} of 200`);
    await app.settle();
  }, { env: { LIMIT_READS: "200/900" } });
});

Deno.test("of fifty writes at once over two processes exactly the limit gets through", async () => {
  await withApp(async (app) => {
    const { token, userId } = await app.signUp();
    const other = await signToken(app, crypto.randomUUID(), []);
    const processes = [app.another(), app.another()];
    const write = (n: number, bearer: string) =>
      ask(app, processes[n % 2]!.fetch, "/v1/nothing", { token: bearer, method: "POST" });
    for (const n of [0, 1]) await write(n, other);
    const statuses = await Promise.all(Array.from({ length: 50 }, (_, n) => write(n, token)));
    assert.equal(admitted(statuses), 12, userId);
    await app.settle();
  }, { env: { LIMIT_WRITES: "12/900" } });
});

Deno.test("simulations have a limit of their own", async () => {
  await withApp(async (app) => {
    const { token } = await app.signUp();
    const path = `/v1/plans/${crypto.randomUUID()}/simulations`;
    const { fetch } = app.another();
    const statuses = await times(
      6,
      () => ask(app, fetch, path, { token, method: "POST", json: { paths: 1_000 } }),
    );
    assert.deepEqual(statuses, [404, 404, 404, 429, 429, 429]);
    assert.equal(await ask(app, fetch, "/v1/nothing", { token, method: "POST" }), 404);
    await app.settle();
  }, { env: { LIMIT_SIMULATIONS: "3/3600" } });
});

Deno.test("without Redis each process holds reads and writes by itself, and nothing fails", async () => {
  await withApp(async (app) => {
    const { token } = await app.signUp();
    await app.settle();
    app.standIns.redis.setFault({ kind: "refuse" });
    for (const { fetch } of [app.another(), app.another()]) {
      const reads = await times(30, () => ask(app, fetch, "/v1/me", { token }));
      assert.deepEqual([...new Set(reads)].sort(), [200, 429]);
      assert.equal(admitted(reads), 20);
      const writes = await times(
        9,
        () => ask(app, fetch, "/v1/nothing", { token, method: "POST" }),
      );
      assert.equal(admitted(writes), 5);
    }
    app.standIns.redis.setFault(null);
  }, { env: { LIMIT_READS: "20/900", LIMIT_WRITES: "5/900", DATABASE_POOL_MAX: "2" } });
});

Deno.test("health can be asked without end, and everything else that needs no sign-in cannot", async () => {
  await withApp(async (app) => {
    const { fetch } = app.another();
    for (const path of ["/healthz", "/readyz"]) {
      assert.equal(admitted(await times(20, () => ask(app, fetch, path))), 20, path);
    }
    for (const [at, path] of ["/openapi.json", "/docs", "/.well-known/jwks.json"].entries()) {
      const from = `198.51.100.${at}`;
      assert.equal(admitted(await times(20, () => ask(app, fetch, path, { from }))), 5, path);
    }
  }, { env: { ...proxied, LIMIT_ANONYMOUS: "5/900" } });
});

Deno.test("whoever forges tokens or signatures is refused by address, and what is genuine always gets through", async () => {
  await withApp(async (app) => {
    const { token, refreshToken } = await app.signUp();
    const forge: [path: string, asking: Asking][] = [
      ["/v1/me", { token: `${token.slice(0, -8)}AAAAAAAA` }],
      ["/v1/me", { token: "nonsense" }],
      ["/jobs/tick", { method: "POST", json: { key: "x" } }],
      ["/webhooks/sendgrid", { method: "POST", json: [] }],
      ["/v1/auth/refresh", { method: "POST", json: { refreshToken: "A".repeat(70) } }],
    ];
    const statuses: number[] = [];
    for (let n = 0; n < 20; n++) {
      const [path, { method = "GET", ...asking }] = forge[n % forge.length]!;
      const response = await app.request(path, { method, ...asking });
      statuses.push(response.status);
      await response.body?.cancel();
    }
    assert.deepEqual(statuses, [...Array(7).fill(401), ...Array(13).fill(429)]);
    const me = await app.request("/v1/me", { token });
    assert.equal(me.status, 200);
    await me.body?.cancel();
    const json = { refreshToken };
    const refreshed = await app.request("/v1/auth/refresh", { method: "POST", json });
    assert.equal(refreshed.status, 200);
    await refreshed.body?.cancel();
    // The stand-ins deliver from the very address that the forgeries came from.
    await app.settle();
    const [{ count } = { count: 0 }] = await app.inspect.sql<{ count: number }[]>`
      select count(*)::int as count from job_runs where state = 'succeeded'`;
    assert.ok(count > 0);
  }, { env: { LIMIT_FORGERIES: "7/900" } });
});

Deno.test("a session is refreshed so often and no more, however many addresses ask", async () => {
  await withApp(async (app) => {
    const { refreshToken } = await app.signUp();
    let json = { refreshToken };
    const statuses = await times(6, async () => {
      const response = await app.request("/v1/auth/refresh", { method: "POST", json });
      const answer = await response.json();
      if (response.ok) json = { refreshToken: answer.refreshToken };
      return response.status;
    });
    assert.deepEqual(statuses, [200, 200, 200, 200, 429, 429]);
    await app.settle();
  }, { env: { LIMIT_REFRESH: "4/900" } });
});

Deno.test("an account takes so many tries and no more, whoever tries from wherever, known or unknown", async () => {
  await withApp(async (app) => {
    const { email } = await app.signUp();
    const processes = [app.another(), app.another()];
    const tryIn = (n: number, email: string) =>
      ask(app, processes[n % 2]!.fetch, "/v1/auth/login", {
        method: "POST",
        from: `198.51.${n}.1`,
        json: { email: n % 3 ? email : email.toUpperCase(), password: "a wrong one" },
      });
    for (const [address, left] of [[email, 5], ["nobody@example.com", 6]] as const) {
      const statuses = await Promise.all(
        Array.from({ length: 12 }, (_, n) => tryIn(n, address)),
      );
      // The sign-in of signUp() was the first try.
      assert.equal(statuses.filter((status) => status === 401).length, left, `${statuses}`);
      assert.equal(statuses.filter((status) => status === 429).length, 12 - left, `${statuses}`);
    }
    await app.settle();
  }, { env: { ...proxied, LIMIT_SIGN_IN: "6/900" } });
});

Deno.test("nobody signs in while neither Redis nor Postgres can count the tries", async () => {
  await withApp(async (app) => {
    const { email } = await app.signUp();
    await app.settle();
    const { hostname, port } = new URL(refusingUrl());
    const url = `postgres://nobody:none@${hostname}:${port}/none`;
    const { fetch } = app.another({ DATABASE_URL: url, DATABASE_DEADLINE_MS: "500" });
    app.standIns.redis.setFault({ kind: "refuse" });
    const json = { email, password: "a-fine-long-passphrase" };
    assert.equal(await ask(app, fetch, "/v1/auth/login", { method: "POST", json }), 503);
    app.standIns.redis.setFault(null);
  });
});
