import assert from "node:assert/strict";
import { dayMs } from "../../../lib/time.ts";
import { docs } from "../../../routes/mod.ts";
import { coin, withAlerts } from "../../services/alerts/alert_world.ts";
import { examplePlan } from "../../services/plans/example_plan.ts";
import { withApp } from "../../support/app.ts";
import { createMovableClock } from "../../support/clock.ts";
import { ask, endpointsOf, exampleBody } from "../../support/endpoints.ts";
import { fingerprint } from "../../support/fingerprint.ts";
import { pollUntil } from "../../support/poll.ts";
import { allPermissions, signToken } from "../../support/tokens.ts";
import { post, rowsOf } from "./idempotent_call.ts";

const path = "/v1/plans";
const alertInput = { kind: "price", symbol: coin, direction: "above", level: "200" };

Deno.test("every POST that creates takes an Idempotency-Key and says so; sign-in takes none", async () => {
  const creates = ([route, { answers }]: [string, { answers: object }]) =>
    route.startsWith("POST ") && (201 in answers || 202 in answers);
  const marked = Object.keys(docs).filter((route) => docs[route]?.idempotent);
  const creating = Object.entries(docs).filter(creates).map(([route]) => route)
    .filter((route) => !route.startsWith("POST /v1/auth/"))
    // Its answer holds a secret that is shown once; kept, it would lie in the database for a day.
    .filter((route) => route !== "POST /v1/api-keys");
  // It makes a version, and answers the plan that is there already with 200.
  const restoring = "POST /v1/plans/:id/versions/:versionId/restore";
  assert.deepEqual(marked.toSorted(), [...creating, restoring].toSorted());
  await withApp(async (app) => {
    const { paths, components } = await (await app.request("/openapi.json")).json();
    const said = ({ $ref = "" }) => components.responses[$ref.split("/").at(-1) ?? ""].description;
    for (const route of marked) {
      const address = route.slice("POST ".length).replace(/:(\w+)/g, "{$1}");
      const { parameters, responses } = paths[address].post;
      const names = parameters.map(({ name }: { name: string }) => name);
      assert.ok(names.includes("Idempotency-Key"), route);
      assert.match(said(responses[409]), /idempotency_key_running/);
      assert.match(said(responses[422]), /idempotency_key_reused/);
    }
  });
});

Deno.test("every route that takes a key does once what is asked twice, and answers the same bytes", async () => {
  await withApp(async (app) => {
    const { userId } = await app.signUp("ada");
    const token = await signToken(app, userId, allPermissions);
    const plan = await post(app, { token, path, json: examplePlan });
    for (const endpoint of endpointsOf(app).filter(({ doc }) => doc?.idempotent)) {
      const example = exampleBody(endpoint) as Record<string, unknown> | undefined;
      const json = example && "to" in example ? { ...example, to: userId } : example;
      const key = `key of ${endpoint.route}`.replaceAll(" ", "_");
      const asked = () =>
        post(app, {
          token,
          path: endpoint.path.replace(":id", plan.id ?? "").replace(":versionId", "1"),
          json,
          key,
          headers: { "if-match": '"1"' },
        });
      const first = await asked();
      assert.ok(first.status < 300, `${endpoint.route}: ${first.status} ${first.text}`);
      await app.settle();
      const before = await fingerprint(app.inspect);
      const second = await asked();
      assert.deepEqual([first.replayed, second.replayed], [false, true], endpoint.route);
      assert.deepEqual([second.status, second.text], [first.status, first.text], endpoint.route);
      for (const name of ["content-type", "etag", "location"]) {
        assert.equal(
          second.headers.get(name),
          first.headers.get(name),
          `${endpoint.route} ${name}`,
        );
      }
      assert.deepEqual(await fingerprint(app.inspect), before, endpoint.route);
    }
  });
});

Deno.test("what a person may not do they may not do under a key either, and nothing is kept of it", async () => {
  await withApp(async (app) => {
    const { userId } = await app.signUp("ada");
    for (const endpoint of endpointsOf(app).filter(({ doc }) => doc?.idempotent)) {
      const others = allPermissions.filter((permission) => permission !== endpoint.doc?.access);
      const token = await signToken(app, userId, others);
      const given = { token, id: crypto.randomUUID(), headers: { "idempotency-key": "one" } };
      const refused = await ask(app, endpoint, given);
      assert.equal(refused.status, 403, endpoint.route);
      await refused.body?.cancel();
    }
    assert.equal((await rowsOf(app)).keys, 0);
  });
});

Deno.test("the same key with another body is 422, and does nothing", async () => {
  await withApp(async (app) => {
    const { token } = await app.signUp("ada");
    const first = await post(app, { token, path, json: examplePlan, key: "k" });
    for (const name of ["Other", `${examplePlan.name} `]) {
      const other = await post(app, { token, path, json: { ...examplePlan, name }, key: "k" });
      assert.equal(`${other.status} ${other.code}`, "422 idempotency_key_reused");
    }
    // The bytes are compared and not what they mean: who changes them sends another request.
    const reordered = Object.fromEntries(Object.entries(examplePlan).reverse());
    assert.equal((await post(app, { token, path, json: reordered, key: "k" })).status, 422);
    assert.equal((await post(app, { token, path, json: examplePlan, key: "k" })).id, first.id);
    assert.deepEqual(await rowsOf(app), { plans: 1, simulations: 0, alerts: 0, keys: 1 });
  });
});

Deno.test("a key is one person's, for one address: elsewhere the same key is another one", async () => {
  await withApp(async (app) => {
    const [ada, bob] = [await app.signUp("ada"), await app.signUp("bob")];
    const key = "the-same";
    const plans = [
      await post(app, { ...ada, path, json: examplePlan, key }),
      await post(app, { ...bob, path, json: examplePlan, key }),
      await post(app, { ...ada, path, json: examplePlan, key: "another" }),
    ];
    assert.equal(new Set(plans.map(({ id }) => id)).size, 3);
    const runs = [];
    for (const { id } of [plans[0], plans[2]] as { id: string }[]) {
      const json = { paths: 1_000 };
      runs.push(await post(app, { ...ada, path: `${path}/${id}/simulations`, json, key }));
    }
    assert.deepEqual(runs.map(({ status, replayed }) => [status, replayed]), [
      [202, false],
      [202, false],
    ]);
    assert.notEqual(runs[0]?.id, runs[1]?.id);
    assert.deepEqual(await rowsOf(app), { plans: 3, simulations: 2, alerts: 0, keys: 5 });
  });
});

Deno.test("a request that is sent many times at once is done once; who comes too soon is told when to ask again", async () => {
  await withApp(async (app) => {
    const { token } = await app.signUp("ada");
    const asked = () => post(app, { token, path, json: examplePlan, key: "k" });
    const answers = await Promise.all(Array.from({ length: 12 }, asked));
    const done = answers.filter(({ status }) => status === 201);
    const early = answers.filter(({ status }) => status !== 201);
    assert.equal(done.filter(({ replayed }) => !replayed).length, 1);
    assert.equal(new Set(done.map(({ text }) => text)).size, 1);
    for (const { status, code, headers } of early) {
      assert.equal(`${status} ${code}`, "409 idempotency_key_running");
      assert.equal(headers.get("retry-after"), "1");
    }
    assert.deepEqual(await rowsOf(app), { plans: 1, simulations: 0, alerts: 0, keys: 1 });
  });
});

Deno.test("while the first request still runs the second is 409, at another server too; afterwards it gets the answer", async () => {
  await withApp(async (app) => {
    const { token } = await app.signUp("ada");
    const other = app.another();
    const init = {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "idempotency-key": "k",
      },
      body: JSON.stringify(examplePlan),
    };
    const elsewhere = () => other.fetch(new Request(`${app.url}${path}`, init));
    const blocked = Promise.withResolvers<void>();
    const unblock = Promise.withResolvers<void>();
    const blocking = app.inspect.sql.begin(async (sql) => {
      await sql`lock table plans in exclusive mode`;
      blocked.resolve();
      await unblock.promise;
    });
    await blocked.promise;
    const first = post(app, { token, path, json: examplePlan, key: "k" });
    await pollUntil("the first request to wait for the table", async () => {
      const [row] = await app.inspect.sql<{ waiting: boolean }[]>`
        select exists (select from pg_locks where not granted and relation = 'plans'::regclass) as waiting`;
      return row?.waiting ?? false;
    });
    const second = await elsewhere();
    assert.equal(second.status, 409);
    assert.equal(second.headers.get("retry-after"), "1");
    assert.equal((await second.json()).code, "idempotency_key_running");
    unblock.resolve();
    await blocking;
    const { status, text } = await first;
    assert.equal(status, 201);
    const third = await elsewhere();
    assert.deepEqual([third.status, await third.text()], [201, text]);
    assert.equal(third.headers.get("idempotency-replayed"), "true");
  });
});

Deno.test("an answer is given again for a day; then the key is free, whether it was deleted yet or not", async () => {
  const clock = createMovableClock();
  await withApp(async (app) => {
    const { userId } = await app.signUp("ada");
    const asked = async () => {
      const token = await signToken(app, userId, allPermissions);
      return await post(app, { token, path, json: examplePlan, key: "k" });
    };
    const first = await asked();
    clock.advance(dayMs - 60_000);
    assert.deepEqual([(await asked()).replayed, (await asked()).id], [true, first.id]);
    clock.advance(60_000);
    const anew = await asked();
    assert.equal(anew.replayed, false);
    assert.notEqual(anew.id, first.id);
    // Its day begins again.
    clock.advance(dayMs - 60_000);
    assert.deepEqual([(await asked()).replayed, (await asked()).id], [true, anew.id]);
    assert.deepEqual(await rowsOf(app), { plans: 2, simulations: 0, alerts: 0, keys: 1 });
  }, { world: { now: clock.now } });
});

Deno.test("a refusal is an answer: the same key gets it again, although the request would succeed by now", async () => {
  await withAlerts(async ({ app, person: { userId }, clock }) => {
    const asked = async (key: string) => {
      const token = await signToken(app, userId, allPermissions);
      const json = { ...alertInput, symbol: "LATER-USD" };
      return await post(app, { token, path: "/v1/alerts", json, key });
    };
    const refused = await asked("k");
    assert.equal(`${refused.status} ${refused.code}`, "404 unknown_symbol");
    app.standIns.yahoo.setPrice("LATER-USD", 5);
    clock.advance(dayMs / 2);
    // There the symbol is known to be unknown, by a clock that nobody can move.
    await app.standIns.redis.flush();
    const again = await asked("k");
    assert.deepEqual([again.status, again.replayed, again.text], [404, true, refused.text]);
    for (const { headers } of [refused, again]) {
      assert.equal(headers.get("content-type"), "application/problem+json");
      assert.equal(headers.get("cache-control"), "no-store");
    }
    assert.equal((await asked("another")).status, 201);
    assert.deepEqual(await rowsOf(app), { plans: 0, simulations: 0, alerts: 1, keys: 2 });
  });
});

Deno.test("a refusal undoes what was written for it, and keeps only itself", async () => {
  await withApp(async (app) => {
    const [ada, bob] = [await app.signUp("ada"), await app.signUp("bob")];
    const json = { ...examplePlan, id: "0199a0b0-0000-7000-8000-00000000abcd" };
    await post(app, { ...bob, path, json });
    const refused = await post(app, { ...ada, path, json, key: "k" });
    assert.equal(`${refused.status} ${refused.code}`, "409 conflict");
    const again = await post(app, { ...ada, path, json, key: "k" });
    assert.deepEqual([again.replayed, again.text], [true, refused.text]);
    assert.deepEqual(await rowsOf(app), { plans: 1, simulations: 0, alerts: 0, keys: 1 });
  });
});

Deno.test("what is about the moment is never kept: a failed precondition, or a part that was away", async () => {
  await withAlerts(async ({ app, person: { token }, price }) => {
    const plan = await post(app, { token, path, json: examplePlan });
    const restore = (version: string) =>
      post(app, {
        token,
        path: `${path}/${plan.id}/versions/1/restore`,
        key: "k",
        headers: { "if-match": version },
      });
    assert.equal((await restore('"7"')).status, 412);
    assert.deepEqual([(await restore('"1"')).status, (await restore('"1"')).replayed], [200, true]);

    const alert = () => post(app, { token, path: "/v1/alerts", json: alertInput, key: "k" });
    app.standIns.yahoo.setFault({ kind: "status", status: 500 });
    const away = await alert();
    assert.equal(`${away.status} ${away.code}`, "503 no_price_source");
    assert.ok(away.headers.get("retry-after"));
    app.standIns.yahoo.setFault(null);
    price(coin, 190);
    await pollUntil("the source to be asked again", async () => (await alert()).status === 201);
    assert.deepEqual([(await alert()).status, (await alert()).replayed], [201, true]);
    assert.deepEqual(await rowsOf(app), { plans: 1, simulations: 0, alerts: 1, keys: 2 });
  });
});

Deno.test("an answer that is kept is given again while the source that the work needed is away", async () => {
  await withAlerts(async ({ app, person: { token } }) => {
    const other = app.another();
    const asked = (key: string) =>
      other.fetch(
        new Request(`${app.url}/v1/alerts`, {
          method: "POST",
          headers: {
            authorization: `Bearer ${token}`,
            "content-type": "application/json",
            "idempotency-key": key,
          },
          body: JSON.stringify(alertInput),
        }),
      );
    const first = await post(app, { token, path: "/v1/alerts", json: alertInput, key: "k" });
    app.standIns.yahoo.setFault({ kind: "status", status: 500 });
    await app.standIns.redis.flush();
    const unknown = await asked("another");
    assert.equal((await unknown.json()).code, "no_price_source");
    const second = await asked("k");
    assert.deepEqual([second.status, await second.text()], [201, first.text]);
  });
});

Deno.test("while a source is asked for a price no connection to the database is held", async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  await withApp(async (app) => {
    const { token } = await app.signUp("ada");
    await app.settle();
    app.standIns.yahoo.setPrice(coin, 190);
    const waiting = post(app, { token, path: "/v1/alerts", json: alertInput, key: "k" });
    await asked.promise;
    const open = () =>
      app.inspect.sql`
        select from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null`;
    assert.equal((await open()).length, 0);
    answer.resolve();
    assert.equal((await waiting).status, 201);
  }, {
    world: {
      fetch: async (...request) => {
        if (String(request[0]).includes(coin)) {
          asked.resolve();
          await answer.promise;
        }
        return await fetch(...request);
      },
    },
  });
});

Deno.test("a key is 1 to 255 visible ASCII characters; any other is 422 and named, and nothing is done", async () => {
  await withApp(async (app) => {
    const { token } = await app.signUp("ada");
    for (const key of ["", "two words", "tab\there", "caf\u00e9", "a, b", "k".repeat(256)]) {
      const answer = await post(app, { token, path, json: examplePlan, key });
      assert.equal(`${answer.status} ${answer.code}`, "422 invalid_request", key);
      assert.equal(JSON.parse(answer.text).errors[0].path, "Idempotency-Key");
    }
    assert.deepEqual(await rowsOf(app), { plans: 0, simulations: 0, alerts: 0, keys: 0 });
    const visible = String.fromCharCode(...Array.from({ length: 94 }, (_, at) => 33 + at));
    for (const key of ["k", "k".repeat(255), visible, "';--"]) {
      const asked = () => post(app, { token, path, json: examplePlan, key });
      assert.deepEqual([(await asked()).replayed, (await asked()).replayed], [false, true], key);
    }
    // Case matters.
    assert.equal((await post(app, { token, path, json: examplePlan, key: "K" })).replayed, false);
  });
});

Deno.test("signing up keeps no answer, whatever key it brings", async () => {
  await withApp(async (app) => {
    const json = { email: "ada@example.com", password: "a-fine-long-passphrase", name: "Ada" };
    const register = () =>
      app.request("/v1/auth/register", {
        method: "POST",
        json,
        headers: { "idempotency-key": "k" },
      });
    const [first, second] = [await register(), await register()];
    assert.deepEqual([first.status, second.status], [201, 409]);
    assert.equal((await second.json()).code, "email_taken");
    assert.equal((await rowsOf(app)).keys, 0);
    await first.body?.cancel();
  });
});
