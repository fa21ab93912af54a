import assert from "node:assert/strict";
import {
  type AlertView,
  type AlertWorld,
  coin,
  withAlerts,
} from "../services/alerts/alert_world.ts";
import { withRole } from "../support/staff.ts";

const path = "/v1/alerts";
const right = { kind: "price", symbol: coin, direction: "above", level: "200" };

type Answer = { status: number; etag: string | null; body: AlertView & Record<string, unknown> };

async function call(
  { app, person }: AlertWorld,
  method: string,
  where: string,
  { json, version, token = person.token }: {
    json?: unknown;
    version?: number | "*";
    token?: string;
  } = {},
): Promise<Answer> {
  const match = version === "*" ? "*" : `"${version}"`;
  const response = await app.request(`${path}${where}`, {
    method,
    token,
    ...(json === undefined ? {} : { json }),
    headers: version === undefined ? {} : { "if-match": match },
  });
  const text = await response.text();
  return {
    status: response.status,
    etag: response.headers.get("etag"),
    body: text ? JSON.parse(text) : {},
  };
}

const codeOf = ({ status, body }: Answer) => `${status} ${body.code}`;

Deno.test("an alert is set from the side on which the last price stands, and says what it will do", async () => {
  await withAlerts(async (world) => {
    const { app, get, sweep, price } = world;
    const json = { ...right, repeat: { mode: "cooldown", seconds: 300 } };
    const response = await app.request(path, { method: "POST", token: world.person.token, json });
    assert.equal(response.status, 201);
    const alert = await response.json();
    assert.equal(response.headers.get("location"), `${path}/${alert.id}`);
    assert.equal(response.headers.get("etag"), '"1"');
    const { id: _, createdAt: __, ...rest } = alert;
    assert.deepEqual(rest, {
      version: 1,
      ...right,
      channels: ["email", "in_app"],
      repeat: { mode: "cooldown", seconds: 300 },
      expiresAt: null,
      note: "",
      enabled: true,
      armed: true,
      firedCount: 0,
      lastFiredAt: null,
    });
    assert.deepEqual(await get(`${path}/${alert.id}`), alert);
    // Past its level already: there is nothing to cross until the price comes back.
    await call(world, "POST", "", { json: { ...right, direction: "below", level: "195" } });
    assert.equal(await sweep(), 0);
    price(coin, 196);
    assert.equal(await sweep(), 0);
    price(coin, 194);
    assert.equal(await sweep(), 1);
  });
});

const refused: [what: string, change: Record<string, unknown>, answer: string, at?: string][] = [
  ["another kind", { kind: "rsi" }, "422 invalid_request", "kind"],
  ["a symbol in lower case", { symbol: "aapl" }, "422 invalid_request", "symbol"],
  ["a symbol that nobody knows", { symbol: "NOPE" }, "404 unknown_symbol"],
  ["a level of zero", { level: "0.00" }, "422 invalid_request", "level"],
  ["a level below zero", { level: "-1" }, "422 invalid_request", "level"],
  ["a level that begins with zeros", { level: "0200" }, "422 invalid_request", "level"],
  ["a level that is a number", { level: 200 }, "422 invalid_request", "level"],
  ["a level of too many digits", { level: "1.123456789" }, "422 invalid_request", "level"],
  ["a direction that is none", { direction: "up" }, "422 invalid_request", "direction"],
  ["no channel", { channels: [] }, "422 invalid_request", "channels"],
  ["a channel twice", { channels: ["email", "email"] }, "422 invalid_request", "channels"],
  [
    "a rest too short",
    { repeat: { mode: "cooldown", seconds: 1 } },
    "422 invalid_request",
    "repeat.seconds",
  ],
  [
    "a rest without its length",
    { repeat: { mode: "cooldown" } },
    "422 invalid_request",
    "repeat.seconds",
  ],
  ["a moment that is none", { expiresAt: "soon" }, "422 invalid_request", "expiresAt"],
  ["the year 0", { expiresAt: "0000-01-01T00:00:00Z" }, "422 invalid_request", "expiresAt"],
  ["a note without end", { note: "x".repeat(501) }, "422 invalid_request", "note"],
  ["an id that is none", { id: "1" }, "422 invalid_request", "id"],
  ["an unknown field", { colour: "red" }, "422 invalid_request", "colour"],
];

Deno.test("an alert that does not fit is refused with the field's path", async () => {
  await withAlerts(async (world) => {
    for (const [what, change, answer, at] of refused) {
      const tried = await call(world, "POST", "", { json: { ...right, ...change } });
      assert.equal(codeOf(tried), answer, what);
      if (at === undefined) continue;
      const errors = tried.body.errors as { path: string }[];
      assert.ok(errors.some((error) => error.path === at), `${what}: ${JSON.stringify(errors)}`);
    }
    const { body } = await call(world, "GET", "");
    assert.deepEqual(body, { items: [], nextCursor: null });
  });
});

Deno.test("with no source for a price an alert cannot be set, and what needs no price can still be changed", async () => {
  await withAlerts(async (world) => {
    const { app, create } = world;
    const { id } = await create();
    app.standIns.yahoo.setPrice("OTHER-USD", 5);
    app.standIns.yahoo.setFault({ kind: "status", status: 500 });
    const tried = await call(world, "POST", "", { json: { ...right, symbol: "OTHER-USD" } });
    assert.equal(codeOf(tried), "503 no_price_source");
    const noted = await call(world, "PATCH", `/${id}`, {
      json: { note: "later", enabled: false },
      version: 1,
    });
    assert.deepEqual([noted.status, noted.body.note, noted.body.enabled], [200, "later", false]);
  });
});

Deno.test("at most fifty alerts of a person are active, however many are set at the same time", async () => {
  await withAlerts(async (world) => {
    const { app, clock, create, person } = world;
    for (let n = 0; n < 40; n++) await create();
    // Neither those that are off nor those that are over count.
    await create({ enabled: false });
    await create({ expiresAt: new Date(clock.now() - 1_000).toISOString() });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => call(world, "POST", "", { json: right })),
    );
    const made = answers.filter(({ status }) => status === 201);
    const over = answers.filter(({ status }) => status !== 201);
    assert.equal(made.length, 10);
    for (const one of over) {
      assert.equal(codeOf(one), "422 alert_limit_reached");
      assert.match(String(one.body.detail), /50/);
    }
    const [row] = await app.inspect.sql`
      select count(*)::int as active from alerts
      where user_id = ${person.userId} and enabled and expires_at is null`;
    assert.equal(row?.active, 50);
    assert.equal(
      (await call(world, "POST", "", { json: { ...right, enabled: false } })).status,
      201,
    );
    // What is off cannot be switched on past the limit, nor what is over be prolonged.
    const { body: list } = await call(world, "GET", "?limit=100");
    const items = list.items as AlertView[];
    for (const json of [{ enabled: true }, { expiresAt: null }]) {
      const asleep = items.find((one) => "enabled" in json ? !one.enabled : one.expiresAt !== null);
      const tried = await call(world, "PATCH", `/${asleep?.id}`, { json, version: "*" });
      assert.equal(codeOf(tried), "422 alert_limit_reached", JSON.stringify(json));
    }
    // Whoever makes room can.
    await call(world, "DELETE", `/${made[0]?.body.id}`, { version: "*" });
    assert.equal((await call(world, "POST", "", { json: right })).status, 201);
    const other = await app.signUp("bob");
    assert.equal((await call(world, "POST", "", { json: right, token: other.token })).status, 201);
  });
});

Deno.test("an id of one's own stands for one alert: the same content again answers it, other content is a conflict", async () => {
  await withAlerts(async (world) => {
    const { app, price, sweep } = world;
    const id = app.deps.context("test", { address: "", userAgent: "" }).newId();
    const json = { ...right, id, expiresAt: "2099-01-01T00:00:00Z", repeat: { mode: "once" } };
    const first = await call(world, "POST", "", { json });
    assert.deepEqual([first.status, first.body.id], [201, id]);
    assert.deepEqual(await call(world, "POST", "", { json }), first);
    const other = await call(world, "POST", "", { json: { ...json, level: "201" } });
    assert.equal(codeOf(other), "409 conflict");
    // A phone that repeats itself after the alert has fired still means the same one.
    price(coin, 250);
    await sweep();
    const again = await call(world, "POST", "", { json });
    assert.deepEqual([again.status, again.body.firedCount], [201, 1]);
    const bob = await app.signUp("bob");
    const taken = await call(world, "POST", "", { json, token: bob.token });
    assert.equal(codeOf(taken), "409 conflict");
    const many = await Promise.all(
      Array.from({ length: 5 }, () => call(world, "POST", "", { json: { ...right, id: json.id } })),
    );
    assert.ok(many.every(({ status }) => status === 409));
  });
});

Deno.test("a change needs the version that was read, merges as RFC 7396 says, and tells its new version", async () => {
  await withAlerts(async (world) => {
    const { create } = world;
    const { id } = await create({ repeat: { mode: "cooldown", seconds: 300 }, note: "first" });
    const patch = (json: unknown, version?: number | "*") =>
      call(world, "PATCH", `/${id}`, { json, version });
    assert.equal(codeOf(await patch({ note: "x" })), "428 missing_if_match");
    const stale = await patch({ note: "x" }, 7);
    assert.deepEqual([codeOf(stale), stale.etag], ["412 version_mismatch", '"1"']);
    const merged = await patch({ repeat: { seconds: 600 }, note: null }, 1);
    assert.deepEqual(
      [merged.status, merged.etag, merged.body.repeat, merged.body.note],
      [200, '"2"', { mode: "cooldown", seconds: 600 }, ""],
    );
    assert.equal((await patch({}, "*")).body.version, 3);
    for (
      const [json, at] of [
        [{ symbol: "AAPL" }, "symbol"],
        [{ level: null }, "level"],
        [{ repeat: { mode: "once" } }, "repeat.seconds"],
        [{ channels: ["fax"] }, "channels.0"],
        [{ firedCount: 0 }, "firedCount"],
      ] as const
    ) {
      const tried = await patch(json, 3);
      assert.equal(codeOf(tried), "422 invalid_request", JSON.stringify(json));
      const errors = tried.body.errors as { path: string }[];
      assert.ok(errors.some(({ path }) => path === at), JSON.stringify(errors));
    }
    const answers = await Promise.all(
      ["a", "b", "c", "d"].map((note) => patch({ note }, 3)),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412, 412, 412]);
  });
});

Deno.test("another level or direction, and switching on, start an alert anew; nothing else does", async () => {
  await withAlerts(async (world) => {
    const { create, get, price, sweep } = world;
    const { id } = await create();
    price(coin, 210);
    // The crossing has not been noticed yet when a note is written: it still counts.
    await call(world, "PATCH", `/${id}`, { json: { note: "soon" }, version: "*" });
    assert.equal(await sweep(), 1);
    assert.equal((await get(`${path}/${id}`)).enabled, false);
    // Switched on again past its level, it waits for the next crossing.
    const on = await call(world, "PATCH", `/${id}`, { json: { enabled: true }, version: "*" });
    assert.deepEqual([on.body.enabled, on.body.armed], [true, true]);
    assert.equal(await sweep(), 0);
    await call(world, "PATCH", `/${id}`, { json: { level: "220" }, version: "*" });
    price(coin, 230);
    assert.equal(await sweep(), 1);
    assert.equal((await get(`${path}/${id}`)).firedCount, 2);
  });
});

Deno.test("the history is told in pages, latest first, until what it told is acknowledged", async () => {
  await withAlerts(async (world) => {
    const { create, get, price, sweep } = world;
    const { id } = await create({ repeat: { mode: "rearm" } });
    for (let n = 0; n < 3; n++) {
      price(coin, 201 + n);
      await sweep();
      price(coin, 199);
      await sweep();
    }
    type Page = { items: Record<string, string | null>[]; nextCursor: string | null };
    const first = await get<Page>(`${path}/${id}/history?limit=2`);
    assert.deepEqual(first.items.map(({ price }) => price), ["203.00", "202.00"]);
    const rest = await get<Page>(`${path}/${id}/history?limit=2&cursor=${first.nextCursor}`);
    assert.deepEqual(rest.items.map(({ price }) => price), ["201.00"]);
    assert.equal(rest.nextCursor, null);
    const acknowledge = () => call(world, "POST", `/${id}/ack`);
    assert.deepEqual((await acknowledge()).body as unknown, { acknowledged: 3 });
    assert.deepEqual((await acknowledge()).body as unknown, { acknowledged: 0 });
    const seen = await get<Page>(`${path}/${id}/history`);
    assert.ok(seen.items.every(({ acknowledgedAt }) => acknowledgedAt !== null));
  });
});

Deno.test("an alert that is taken away is gone with its history, and needs the version that was read", async () => {
  await withAlerts(async (world) => {
    const { app, create, price, sweep } = world;
    const { id } = await create({ repeat: { mode: "rearm" } });
    price(coin, 201);
    await sweep();
    assert.equal(codeOf(await call(world, "DELETE", `/${id}`)), "428 missing_if_match");
    const stale = await call(world, "DELETE", `/${id}`, { version: 1 });
    assert.deepEqual([codeOf(stale), stale.etag], ["412 version_mismatch", '"2"']);
    assert.equal((await call(world, "DELETE", `/${id}`, { version: 2 })).status, 204);
    assert.equal(codeOf(await call(world, "DELETE", `/${id}`, { version: 2 })), "404 not_found");
    assert.equal((await app.inspect.sql`select from alert_events`).length, 0);
    const actions = await app.inspect.sql<{ action: string }[]>`
      select action from audit_log where entity_id = ${id} order by id`;
    assert.deepEqual(actions.map(({ action }) => action), ["alert.created", "alert.deleted"]);
  });
});

Deno.test("nobody finds, changes or ends an alert of somebody else, and a malformed id is one that nobody has", async () => {
  await withAlerts(async (world) => {
    const { app, create } = world;
    const { id } = await create();
    const bob = await app.signUp("bob");
    const staff = await withRole(app, await app.signUp("joan"), "admin");
    for (const token of [bob.token, staff.token]) {
      for (const where of [`/${id}`, "/1", `/${crypto.randomUUID()}`]) {
        const tries = await Promise.all([
          call(world, "GET", where, { token }),
          call(world, "PATCH", where, { json: { note: "x" }, version: "*", token }),
          call(world, "DELETE", where, { version: "*", token }),
          call(world, "GET", `${where}/history`, { token }),
          call(world, "POST", `${where}/ack`, { token }),
        ]);
        assert.deepEqual(tries.map(codeOf), Array(5).fill("404 not_found"), where);
      }
      const { body } = await call(world, "GET", "", { token });
      assert.deepEqual(body, { items: [], nextCursor: null });
    }
    const viewer = await withRole(app, bob, "viewer");
    const { token } = viewer;
    const may = await Promise.all([
      call(world, "POST", "", { json: right, token }),
      call(world, "PATCH", `/${id}`, { json: {}, version: "*", token }),
      call(world, "DELETE", `/${id}`, { version: "*", token }),
      call(world, "POST", `/${id}/ack`, { token }),
    ]);
    assert.deepEqual(may.map(codeOf), Array(4).fill("403 forbidden"));
    for (
      const [method, where] of [
        ["GET", ""],
        ["POST", ""],
        ["GET", `/${id}`],
        ["PATCH", `/${id}`],
        ["DELETE", `/${id}`],
        ["GET", `/${id}/history`],
        ["POST", `/${id}/ack`],
      ] as const
    ) {
      const { status } = await app.request(`${path}${where}`, { method });
      assert.equal(status, 401, `${method} ${where}`);
    }
  });
});
