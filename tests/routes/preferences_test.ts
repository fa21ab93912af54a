import assert from "node:assert/strict";
import { type SignedUp, type TestApp, withApp } from "../support/app.ts";
import { pollUntil } from "../support/poll.ts";

const path = "/v1/preferences";

async function read(app: TestApp, { token }: SignedUp) {
  const response = await app.request(path, { token });
  assert.equal(response.status, 200);
  return { etag: response.headers.get("etag") ?? "", document: await response.json() };
}

/** Sends a change; `version` becomes If-Match. Answers the status, the tag and the body. */
async function change(
  app: TestApp,
  { token }: SignedUp,
  method: "PUT" | "PATCH",
  json: unknown,
  version?: number | "*",
) {
  const match = version === "*" ? "*" : `"${version}"`;
  const headers: HeadersInit = version === undefined ? {} : { "if-match": match };
  const response = await app.request(path, { method, token, json, headers });
  return {
    status: response.status,
    etag: response.headers.get("etag"),
    body: await response.json(),
  };
}

Deno.test("a person who has set nothing reads what is in force by default, as version 0", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const response = await app.request(path, { token: ada.token });
    assert.equal(response.headers.get("cache-control"), "private, max-age=1");
    assert.equal(response.headers.get("etag"), '"0"');
    const document = await response.json();
    assert.equal(document.version, 0);
    assert.equal(document.quietHours, null);
    assert.deepEqual(document.digest, { mode: "off" });
    assert.deepEqual(document.addresses, { email: { address: ada.email, verified: false } });
    assert.equal(document.channels.email.security_alert, true);
    const again = await app.request(path, {
      token: ada.token,
      headers: { "if-none-match": '"0"' },
    });
    assert.equal(again.status, 304);
    assert.equal(await again.text(), "");
  });
});

Deno.test("preferences are replaced and merged at the version that the caller has read, and at no other", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    assert.equal((await change(app, ada, "PUT", { locale: "de" })).status, 428);
    const first = await change(app, ada, "PUT", { locale: "de" }, 0);
    assert.deepEqual([first.status, first.etag, first.body.locale], [200, '"1"', "de"]);
    const stale = await change(app, ada, "PATCH", { locale: "fr" }, 0);
    assert.deepEqual(
      [stale.status, stale.etag, stale.body.code],
      [412, '"1"', "version_mismatch"],
    );
    const merged = await change(app, ada, "PATCH", { digest: { mode: "hourly" } }, 1);
    assert.deepEqual([merged.status, merged.etag], [200, '"2"']);
    assert.deepEqual([merged.body.locale, merged.body.digest.mode], ["de", "hourly"]);
    // What a PUT leaves out is back at its default.
    const replaced = await change(app, ada, "PUT", {}, "*");
    assert.deepEqual([replaced.body.version, replaced.body.locale], [3, "en"]);
    assert.deepEqual((await read(app, ada)).document, replaced.body);
    for (const match of ['"3", "4"', '"x"', "3"]) {
      const response = await app.request(path, {
        method: "PATCH",
        token: ada.token,
        json: {},
        headers: { "if-match": match },
      });
      assert.equal(response.status, 412, match);
      assert.equal(response.headers.get("etag"), '"3"', match);
      await response.body?.cancel();
    }
  });
});

Deno.test("a merge patch follows RFC 7396: what it names replaces, null takes away, the rest stays", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const quietHours = { start: "22:00", end: "07:00", timeZone: "Europe/Berlin", days: ["fri"] };
    const channels = { email: { welcome: false, plan_ready: false }, push: { welcome: false } };
    await change(app, ada, "PUT", { quietHours, channels }, 0);
    const moved = await change(app, ada, "PATCH", {
      quietHours: { timeZone: "America/New_York" },
      channels: { email: { welcome: null, market_alert: false } },
    }, 1);
    assert.deepEqual(moved.body.quietHours, { ...quietHours, timeZone: "America/New_York" });
    const { email, push } = moved.body.channels;
    assert.deepEqual(
      [email.welcome, email.plan_ready, email.market_alert, push.welcome],
      [true, false, false, false],
    );
    const loud = await change(app, ada, "PATCH", { quietHours: null, channels: null }, 2);
    assert.equal(loud.body.quietHours, null);
    assert.equal(loud.body.channels.email.plan_ready, true);
  });
});

const refused: [what: string, document: unknown, path: string][] = [
  ["an unknown field", { colour: "red" }, "colour"],
  ["an unknown channel", { channels: { fax: { welcome: true } } }, "channels.fax"],
  ["an unknown type", { channels: { email: { gossip: true } } }, "channels.email.gossip"],
  ["a word for a switch", { channels: { email: { welcome: "on" } } }, "channels.email.welcome"],
  ["a digest at no time", { digest: { mode: "daily" } }, "digest.at"],
  ["a time of day that is none", { digest: { mode: "daily", at: "24:00" } }, "digest.at"],
  ["a locale that is none", { locale: "English" }, "locale"],
  ["a number without its country", { addresses: { sms: "0151 123" } }, "addresses.sms"],
  [
    "a time zone that is none",
    { quietHours: { start: "22:00", end: "07:00", timeZone: "Mars/Olympus" } },
    "quietHours.timeZone",
  ],
  [
    "a window without length",
    { quietHours: { start: "22:00", end: "22:00", timeZone: "UTC" } },
    "quietHours.end",
  ],
  [
    "a window that never opens",
    { quietHours: { start: "22:00", end: "07:00", timeZone: "UTC", days: [] } },
    "quietHours.days",
  ],
];

Deno.test("what does not fit is refused with the field's path, by PUT and PATCH alike, and nothing is written", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    for (const [what, document, field] of refused) {
      for (const method of ["PUT", "PATCH"] as const) {
        const { status, body } = await change(app, ada, method, document, 0);
        assert.equal(`${status} ${body.code}`, "422 invalid_request", `${method}: ${what}`);
        assert.ok(
          body.errors.some((error: { path: string }) => error.path === field),
          `${method}: ${what}: ${JSON.stringify(body.errors)}`,
        );
      }
    }
    assert.equal((await read(app, ada)).document.version, 0);
  });
});

Deno.test("a required type cannot be switched off on every channel, however it is tried", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const off = { security_alert: false, verification_code: false };
    const names = ["email", "push", "sms", "in_app", "webhook"];
    const everywhere = Object.fromEntries(names.map((name) => [name, off]));
    const put = await change(app, ada, "PUT", { channels: everywhere }, 0);
    assert.equal(`${put.status} ${put.body.code}`, "422 required_type");
    assert.deepEqual(put.body.errors.map(({ path }: { path: string }) => path), [
      "channels.*.security_alert",
      "channels.*.verification_code",
    ]);
    const { in_app: _, ...most } = everywhere;
    assert.equal((await change(app, ada, "PATCH", { channels: most }, 0)).status, 200);
    const last = await change(app, ada, "PATCH", { channels: { in_app: off } }, 1);
    assert.equal(`${last.status} ${last.body.code}`, "422 required_type");
    assert.equal((await read(app, ada)).document.version, 1);
  });
});

Deno.test("of changes that are made at once on one version one is written, and the others learn the version it became", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    for (const version of [0, 1]) {
      const answers = await Promise.all(
        ["de", "fr", "it", "es", "nl"].map((locale) =>
          change(app, ada, "PATCH", { locale }, version)
        ),
      );
      const statuses = answers.map(({ status }) => status).sort();
      assert.deepEqual(statuses, [200, 412, 412, 412, 412]);
      for (const { etag } of answers) assert.equal(etag, `"${version + 1}"`);
    }
    // Whoever asks for no version gets through, one after another.
    const all = await Promise.all(
      ["pl", "cs", "sv"].map((locale) => change(app, ada, "PATCH", { locale }, "*")),
    );
    assert.deepEqual(all.map(({ body }) => body.version).sort(), [3, 4, 5]);
  });
});

Deno.test("the history tells every version, latest first and in pages, and only one's own", async () => {
  await withApp(async (app) => {
    const [ada, bob] = [await app.signUp("ada"), await app.signUp("bob")];
    for (let version = 0; version < 52; version++) {
      const locale = version % 2 === 0 ? "de" : "fr";
      assert.equal((await change(app, ada, "PUT", { locale }, version)).status, 200);
    }
    const pages = async (token: string, cursor = "") => {
      const response = await app.request(`${path}/history${cursor && `?cursor=${cursor}`}`, {
        token,
      });
      assert.equal(response.status, 200);
      return await response.json();
    };
    const first = await pages(ada.token);
    assert.equal(first.items.length, 50);
    assert.equal(first.items[0].version, 52);
    assert.equal(first.items[0].document.locale, "fr");
    assert.equal(first.items[0].changedBy, ada.userId);
    assert.match(first.items[0].changedAt, /^\d{4}-\d\d-\d\dT.*\.\d{3}Z$/);
    const second = await pages(ada.token, first.nextCursor);
    assert.deepEqual(second.items.map(({ version }: { version: number }) => version), [2, 1]);
    assert.equal(second.nextCursor, null);
    assert.deepEqual(await pages(bob.token), { items: [], nextCursor: null });
  });
});

Deno.test("each change of preferences is audited by the names of its fields, without their values", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    await change(app, ada, "PATCH", { locale: "de", addresses: { sms: "+4915112345678" } }, 0);
    const rows = await app.inspect.sql`
      select actor_id, subject_id, fields from audit_log where action = 'preferences.changed'`;
    assert.deepEqual(rows.map((row) => ({ ...row })), [
      { actor_id: ada.userId, subject_id: ada.userId, fields: ["locale", "addresses"] },
    ]);
  });
});

Deno.test("a change is read at once where it was made and within a second everywhere, under constant reading", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const other = app.another();
    const elsewhere = async () => {
      const startedMs = performance.now();
      const headers = { authorization: `Bearer ${ada.token}` };
      const response = await other.fetch(new Request(`${app.url}${path}`, { headers }));
      return { startedMs, version: (await response.json()).version as number };
    };
    const answeredMs: number[] = [];
    const seen: { startedMs: number; version: number }[] = [];
    let done = false;
    const readers = [1, 2, 3].map(() =>
      pollUntil("the end of the changes", async () => {
        seen.push(await elsewhere());
        return done;
      }, 30_000)
    );
    for (let version = 0; version < 30; version++) {
      // Reads under way when the change commits are the ones that could leave an old document behind.
      const under = [read(app, ada), read(app, ada)];
      await change(app, ada, "PATCH", { locale: version % 2 === 0 ? "de" : "fr" }, version);
      answeredMs.push(performance.now());
      assert.equal((await read(app, ada)).document.version, version + 1);
      await Promise.all(under);
    }
    await pollUntil(
      "the other process to see the last change",
      async () => (await elsewhere()).version === 30,
    );
    assert.ok(performance.now() - (answeredMs.at(-1) ?? 0) < 1_100);
    done = true;
    await Promise.all(readers);
    assert.ok(seen.length > 30);
    for (const { startedMs, version } of seen) {
      const due = answeredMs.filter((ms) => ms < startedMs - 1_000).length;
      assert.ok(version >= due, `version ${version} was served a second after ${due}`);
    }
  });
});

Deno.test("with Redis away preferences are read and changed as ever", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const { fetch } = app.another();
    assert.equal((await read(app, ada)).document.version, 0);
    app.standIns.redis.setFault({ kind: "refuse" });
    const changed = await change(app, ada, "PATCH", { locale: "de" }, 0);
    assert.equal(changed.status, 200);
    assert.equal((await read(app, ada)).document.locale, "de");
    const headers = { authorization: `Bearer ${ada.token}` };
    const elsewhere = await fetch(new Request(`${app.url}${path}`, { headers }));
    assert.equal((await elsewhere.json()).locale, "de");
    app.standIns.redis.setFault(null);
  });
});

Deno.test("preferences are for whoever is signed in and may", async () => {
  await withApp(async (app) => {
    for (const [method, where] of [["GET", ""], ["PUT", ""], ["PATCH", ""], ["GET", "/history"]]) {
      const response = await app.request(`${path}${where}`, {
        method,
        ...(method === "GET" ? {} : { json: {} }),
      });
      assert.equal(response.status, 401, `${method} ${path}${where}`);
      await response.body?.cancel();
    }
    const eve = await app.signUp("eve");
    await app.inspect.sql`update users set role = 'viewer' where id = ${eve.userId}`;
    const login = await app.request("/v1/auth/refresh", {
      method: "POST",
      json: { refreshToken: eve.refreshToken },
    });
    const { accessToken } = await login.json();
    const viewer = { ...eve, token: accessToken };
    assert.equal((await read(app, viewer)).document.version, 0);
    const { status, body } = await change(app, viewer, "PATCH", { locale: "de" }, 0);
    assert.equal(`${status} ${body.code}`, "403 forbidden");
  });
});
