import assert from "node:assert/strict";
import { type SignedUp, type TestApp, withApp } from "../support/app.ts";
import { pollUntil } from "../support/poll.ts";
import { examplePlan } from "../services/plans/example_plan.ts";

const path = "/v1/api-keys";
const report = { name: "nightly report", scopes: ["plans:read", "quotes:read"] };

async function make(app: TestApp, { token }: { token: string }, json: unknown = report) {
  const response = await app.request(path, { method: "POST", token, json });
  const made = await response.json();
  assert.equal(response.status, 201, JSON.stringify(made));
  return made;
}

async function said(response: Response): Promise<string> {
  const { code = "" } = await response.json().catch(() => ({}));
  return `${response.status} ${code}`.trim();
}

const daysAhead = (instant: string) => (Date.parse(instant) - Date.now()) / 86_400_000;

Deno.test("a key is made, shown once, listed without its secret, used for what it may do, and revoked", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const response = await app.request(path, { method: "POST", token: ada.token, json: report });
    assert.equal(response.status, 201);
    assert.equal(response.headers.get("cache-control"), "no-store");
    const { key, ...shown } = await response.json();
    assert.equal(response.headers.get("location"), `${path}/${shown.id}`);
    assert.deepEqual(Object.keys(shown), [
      "id",
      "name",
      "prefix",
      "scopes",
      "createdAt",
      "expiresAt",
      "lastUsedAt",
      "revokedAt",
    ]);
    assert.ok(Math.abs(daysAhead(shown.expiresAt) - 90) < 0.01);
    assert.ok(key.startsWith(`${shown.prefix}_`));

    const one = await app.request(`${path}/${shown.id}`, { token: ada.token });
    assert.deepEqual(await one.json(), shown);
    const list = await (await app.request(path, { token: ada.token })).text();
    assert.deepEqual(JSON.parse(list), { items: [shown], nextCursor: null });
    assert.ok(!list.includes(key.slice(shown.prefix.length)));

    assert.equal((await app.request("/v1/plans", { token: key })).status, 200);
    const quote = await app.request("/v1/quotes/AAPL", { token: key });
    assert.equal(quote.status, 200);
    await quote.body?.cancel();
    const write = await app.request("/v1/plans", {
      method: "POST",
      token: key,
      json: examplePlan,
    });
    assert.equal(await said(write), "403 forbidden", "narrower than the role");
    assert.equal(await said(await app.request("/v1/alerts", { token: key })), "403 forbidden");
    const me = await (await app.request("/v1/me", { token: key })).json();
    assert.equal(me.id, ada.userId);
    await pollUntil("its use to be shown", async () => {
      const { lastUsedAt } = await (await app.request(`${path}/${shown.id}`, ada)).json();
      return lastUsedAt !== null;
    });

    for (let n = 0; n < 2; n++) {
      const revoked = await app.request(`${path}/${shown.id}`, {
        method: "DELETE",
        token: ada.token,
      });
      assert.equal(revoked.status, 200);
      assert.notEqual((await revoked.json()).revokedAt, null);
    }
    assert.equal(await said(await app.request("/v1/plans", { token: key })), "401 invalid_token");
    const after = await (await app.request(`${path}/${shown.id}`, { token: ada.token })).json();
    assert.ok(Math.abs(daysAhead(after.revokedAt)) < 0.01);
    const audit = await app.inspect.sql<{ action: string }[]>`
      select action from audit_log where entity_id = ${shown.id} and subject_id = ${ada.userId} order by at`;
    assert.deepEqual(audit.map(({ action }) => action), ["api_key.created", "api_key.revoked"]);
  });
});

Deno.test("no table holds a key or its secret, only the digest by which it is found", async () => {
  await withApp(async (app) => {
    const { key, prefix } = await make(app, await app.signUp("ada"));
    const used = await app.request("/v1/plans", { token: key });
    assert.equal(used.status, 200);
    await used.body?.cancel();
    await app.settle();
    const tables = await app.inspect.sql<{ name: string }[]>`
      select table_name as name from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE'`;
    assert.ok(tables.some(({ name }) => name === "api_keys"));
    let everything = "";
    for (const { name } of tables) {
      const rows = await app.inspect.sql<{ text: string }[]>`
        select t::text as text from ${app.inspect.sql(name)} t`;
      everything += rows.map(({ text }) => text).join("\n");
    }
    assert.ok(everything.includes(prefix));
    assert.ok(!everything.includes(key.slice(prefix.length + 1, -6)), "the secret");
    assert.ok(!everything.includes(key.slice(prefix.length + 1, prefix.length + 12)), "a part");
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
    assert.ok(everything.includes(`\\x${new Uint8Array(digest).toHex()}`));
    assert.ok(!app.logged.join("\n").includes(key));
  });
});

Deno.test("a revoked key is refused by another isolate that knew it, within a second", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const { key, id } = await make(app, ada);
    const other = app.another();
    const asks = async () => {
      const request = new Request(`${app.url}/v1/plans`, {
        headers: { authorization: `Bearer ${key}` },
      });
      return await said(await other.fetch(request));
    };
    assert.equal(await asks(), "200");
    await app.request(`${path}/${id}`, { method: "DELETE", token: ada.token });
    await pollUntil("the refusal", async () => await asks() === "401 invalid_token", 1_000);
  });
});

Deno.test("a key makes, sees and revokes no keys, and neither begins nor ends a session", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const { key, id } = await make(app, ada);
    const asked: [method: string, path: string, json?: unknown][] = [
      ["POST", path, report],
      ["GET", path],
      ["GET", `${path}/${id}`],
      ["DELETE", `${path}/${id}`],
      ["POST", "/v1/auth/logout"],
      ["POST", "/v1/auth/logout-all"],
      ["POST", "/v1/auth/refresh", { refreshToken: ada.refreshToken }],
      ["POST", "/v1/auth/login", { email: ada.email, password: "a-fine-long-passphrase" }],
    ];
    for (const [method, path, json] of asked) {
      const response = await app.request(path, { method, token: key, json });
      assert.equal(await said(response), "403 forbidden", `${method} ${path}`);
    }
    const [row] = await app.inspect.sql<{ keys: number; ended: number }[]>`
      select (select count(*)::int from api_keys where revoked_at is null) as keys,
             (select count(*)::int from sessions where revoked_at is not null) as ended`;
    assert.deepEqual({ ...row }, { keys: 1, ended: 0 });
  });
});

Deno.test("whatever is wrong with a key, the answer is the same", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const [expired, revoked, good] = [
      await make(app, ada),
      await make(app, ada),
      await make(app, ada),
    ];
    const bob = await app.signUp("bob");
    const suspended = await make(app, bob);
    await app.inspect.sql`update users set status = 'locked' where id = ${bob.userId}`;
    await app.inspect.sql`
      update api_keys set created_at = now() - interval '2 days', expires_at = now() - interval '1 second'
      where id = ${expired.id}`;
    await app.request(`${path}/${revoked.id}`, { method: "DELETE", token: ada.token });
    // The checksum of another key does not fit.
    const mistyped = good.key.slice(0, -6) + expired.key.slice(-6);
    const bad = [expired.key, revoked.key, suspended.key, mistyped, "almanac_", `${good.key}A`];
    const answers = new Set<string>();
    for (const token of bad) {
      const response = await app.request("/v1/plans", { token });
      const { instance: _, ...problem } = await response.json();
      const challenge = response.headers.get("www-authenticate");
      answers.add(JSON.stringify({ status: response.status, challenge, problem }));
    }
    assert.equal(answers.size, 1, [...answers].join("\n"));
    assert.match([...answers][0] ?? "", /"status":401.*invalid_token/);
    assert.equal((await app.request("/v1/plans", { token: good.key })).status, 200);
  });
});

Deno.test("nobody gives a key what they may not do themselves", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    for (const scope of ["people:write", "jobs:read"]) {
      const json = { ...report, scopes: ["plans:read", scope] };
      const response = await app.request(path, { method: "POST", token: ada.token, json });
      assert.equal(await said(response), "403 forbidden", scope);
    }
    const [row] = await app.inspect.sql<{ count: number }[]>`
      select count(*)::int as count from api_keys`;
    assert.equal(row?.count, 0);
  });
});

Deno.test("a key's name, scopes and end are checked, and the wrong place is named", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const later = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
    const wrong: [json: Record<string, unknown>, path: string][] = [
      [{ ...report, scopes: [] }, "scopes"],
      [{ ...report, scopes: ["everything"] }, "scopes.0"],
      [{ ...report, scopes: ["plans:read", "plans:read"] }, "scopes"],
      [{ ...report, name: " " }, "name"],
      [{ ...report, name: "two\nlines" }, "name"],
      [{ ...report, expiresInDays: 0 }, "expiresInDays"],
      [{ ...report, expiresInDays: 366 }, "expiresInDays"],
      [{ ...report, expiresInDays: 1, expiresAt: later(1) }, "expiresAt"],
      [{ ...report, expiresAt: later(-1) }, "expiresAt"],
      [{ ...report, expiresAt: later(366) }, "expiresAt"],
      [{ ...report, key: "mine" }, "key"],
    ];
    for (const [json, field] of wrong) {
      const response = await app.request(path, { method: "POST", token: ada.token, json });
      const { errors = [] } = await response.json();
      assert.equal(response.status, 422, JSON.stringify(json));
      const places = new Set(errors.map(({ path }: { path: string }) => path));
      assert.deepEqual([...places], [field], JSON.stringify(json));
    }
    for (const days of [1, 365]) {
      const { expiresAt } = await make(app, ada, { ...report, expiresInDays: days });
      assert.ok(Math.abs(daysAhead(expiresAt) - days) < 0.01);
    }
    const expiresAt = later(364);
    assert.equal((await make(app, ada, { ...report, expiresAt })).expiresAt, expiresAt);
  });
});

Deno.test("a person has twenty living keys at most, also when they ask all at once; ended ones do not count", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const ask = () => app.request(path, { method: "POST", token: ada.token, json: report });
    const answers = await Promise.all(
      Array.from({ length: 23 }, async () => await said(await ask())),
    );
    assert.equal(answers.filter((answer) => answer === "201").length, 20);
    assert.equal(answers.filter((answer) => answer === "422 api_key_limit_reached").length, 3);
    const { items, nextCursor } = await listed(app, ada, "?limit=15");
    assert.equal(items.length, 15);
    const rest = await listed(app, ada, `?limit=15&cursor=${nextCursor}`);
    assert.equal(rest.items.length, 5);
    assert.equal(rest.nextCursor, null);
    const [{ id }] = items;
    await app.request(`${path}/${id}`, { method: "DELETE", token: ada.token });
    assert.equal(await said(await ask()), "201");
    assert.equal(await said(await ask()), "422 api_key_limit_reached");
  });
});

async function listed(app: TestApp, { token }: SignedUp, query: string) {
  return await (await app.request(`${path}${query}`, { token })).json();
}

Deno.test("somebody else's key is 404, to look at and to revoke, and goes on", async () => {
  await withApp(async (app) => {
    const [ada, bob] = [await app.signUp("ada"), await app.signUp("bob")];
    const { key, id } = await make(app, ada);
    for (const method of ["GET", "DELETE"]) {
      const response = await app.request(`${path}/${id}`, { method, token: bob.token });
      assert.equal(await said(response), "404 not_found", method);
    }
    assert.deepEqual(await listed(app, bob, ""), { items: [], nextCursor: null });
    assert.equal((await app.request("/v1/plans", { token: key })).status, 200);
  });
});
