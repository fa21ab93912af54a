import assert from "node:assert/strict";
import { plan, planVersion } from "../../services/plans/mod.ts";
import { withApp } from "../support/app.ts";
import { exampleBut, examplePlan } from "../services/plans/example_plan.ts";
import { type Answer, call, makePlan } from "../services/plans/plans_world.ts";

const planId = "0199a0b0-0000-7000-8000-00000000abcd";
const nobodysId = "0199a0b0-0000-7000-8000-000000000000";

const fieldsOf = ({ body }: Answer) => body.errors.map(({ path }: { path: string }) => path);

Deno.test("the contract's example becomes version 1 of a plan and is read back as it was sent", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const made = await call(app, ada, "POST", "/v1/plans", examplePlan);
    assert.deepEqual([made.status, made.etag, made.body.version], [201, '"1"', 1]);
    plan.parse(made.body);
    const { id, version: _, createdAt, updatedAt, ...inputs } = made.body;
    assert.deepEqual(inputs, examplePlan);
    assert.match(createdAt, /^\d{4}-\d\d-\d\dT.*\.\d{3}Z$/);
    assert.equal(createdAt, updatedAt);
    const read = await app.request(`/v1/plans/${id}`, { token: ada.token });
    assert.equal(read.headers.get("cache-control"), "private, max-age=1");
    assert.equal(read.headers.get("etag"), '"1"');
    assert.deepEqual(await read.json(), made.body);
    const known = await app.request(`/v1/plans/${id}`, {
      token: ada.token,
      headers: { "if-none-match": '"1"' },
    });
    assert.deepEqual([known.status, await known.text()], [304, ""]);
  });
});

Deno.test("a plan may name its own id: the same again answers the stored one, other content is a conflict", async () => {
  await withApp(async (app) => {
    const [ada, bob] = [await app.signUp("ada"), await app.signUp("bob")];
    const wanted = { ...examplePlan, id: planId };
    const made = await call(app, ada, "POST", "/v1/plans", wanted);
    assert.equal(made.status, 201);
    // The order of fields says nothing, nor do capitals in an id.
    const again = await call(app, ada, "POST", "/v1/plans", {
      ...Object.fromEntries(Object.entries(wanted).reverse()),
      id: planId.toUpperCase(),
    });
    assert.deepEqual([again.status, again.body], [201, made.body]);
    const other = await call(app, ada, "POST", "/v1/plans", { ...wanted, name: "Other" });
    assert.equal(`${other.status} ${other.body.code}`, "409 conflict");
    const foreign = await call(app, bob, "POST", "/v1/plans", wanted);
    assert.equal(`${foreign.status} ${foreign.body.code}`, "409 conflict");
    // Repeated after the plan was changed elsewhere, it tells what became of it.
    await call(app, ada, "PATCH", `/v1/plans/${planId}`, { name: "Later" }, { "if-match": "*" });
    const late = await call(app, ada, "POST", "/v1/plans", wanted);
    assert.deepEqual([late.status, late.body.version, late.body.name], [201, 2, "Later"]);
    const [counted] = await app.inspect.sql`
      select (select count(*) from plans)::int as plans,
             (select count(*) from plan_versions)::int as versions`;
    assert.deepEqual({ ...counted }, { plans: 1, versions: 2 });
  });
});

Deno.test("the same plan sent several times at once is made once", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const wanted = { ...examplePlan, id: planId };
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => call(app, ada, "POST", "/v1/plans", wanted)),
    );
    for (const { status, body } of answers) {
      assert.deepEqual([status, body], [201, answers[0]?.body]);
    }
    const [{ count } = { count: 0 }] = await app.inspect.sql`
      select count(*)::int from plan_versions`;
    assert.equal(count, 1);
  });
});

Deno.test("a change names the version it was made on, merges, and makes the next one", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const path = `/v1/plans/${await makePlan(app, ada)}`;
    const patch = (json: unknown, match?: string) =>
      call(app, ada, "PATCH", path, json, match === undefined ? {} : { "if-match": match });
    const missing = await patch({ name: "x" });
    assert.equal(`${missing.status} ${missing.body.code}`, "428 missing_if_match");
    const merged = await patch(
      { allocation: { feeRate: null }, goals: null, name: "At 63" },
      '"1"',
    );
    assert.deepEqual([merged.status, merged.etag, merged.body.version], [200, '"2"', 2]);
    const { glidePath, rebalance, weights } = examplePlan.allocation;
    assert.deepEqual(merged.body.allocation, { glidePath, rebalance, weights });
    assert.deepEqual([merged.body.name, merged.body.goals], ["At 63", undefined]);
    const stale = await patch({ name: "x" }, '"1"');
    assert.equal(`${stale.status} ${stale.body.code}`, "412 version_mismatch");
    assert.equal(stale.etag, '"2"');
    for (const match of ['"1", "2"', "2"]) {
      assert.equal((await patch({ name: "x" }, match)).status, 412, match);
    }
    assert.equal((await patch({ name: "Any" }, "*")).body.version, 3);
    assert.deepEqual((await call(app, ada, "GET", path)).body.name, "Any");
    const rows = await app.inspect.sql`
      select action, fields from audit_log where action like 'plan.%' order by id`;
    assert.deepEqual(rows.map(({ action, fields }) => [action, [...fields ?? []].sort()]), [
      ["plan.created", []],
      ["plan.changed", ["allocation", "goals", "name"]],
      ["plan.changed", ["name"]],
    ]);
  });
});

Deno.test("what is wrong in a patch is named by its path, and nothing is written", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const path = `/v1/plans/${await makePlan(app, ada)}`;
    const cases: [unknown, string][] = [
      [{ colour: "red" }, "colour"],
      [{ id: nobodysId }, "id"],
      [{ version: 7 }, "version"],
      [{ allocation: { surprise: 1 } }, "allocation.surprise"],
      [{ allocation: { weights: { bonds: 0.9 } } }, "allocation.weights"],
      [{ people: null }, "people"],
      [{ withdrawal: { rule: "percent" } }, "withdrawal.rate"],
      [{ accounts: [{ name: "x" }] }, "accounts.0.treatment"],
    ];
    for (const [patch, field] of cases) {
      const answer = await call(app, ada, "PATCH", path, patch, { "if-match": '"1"' });
      assert.equal(`${answer.status} ${answer.body.code}`, "422 invalid_request", field);
      assert.ok(fieldsOf(answer).includes(field), `${field}: ${fieldsOf(answer)}`);
    }
    const list = await call(app, ada, "PATCH", path, [1], { "if-match": '"1"' });
    assert.equal(list.status, 422);
    assert.equal((await call(app, ada, "GET", path)).body.version, 1);
  });
});

Deno.test("each bad input of a new plan is refused with its path", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const cases: [string, unknown, string?][] = [
      ["name", undefined],
      ["people", []],
      ["accounts", undefined],
      ["startDate", "2026-02-30"],
      ["people.0.lifeExpectancy", 45],
      ["people.0.retirementAge", 65.5],
      ["accounts.0.balance", "-250000"],
      ["accounts.0.balance", "NaN"],
      ["spending.0.until", "start"],
      ["events.0.date", "2025-12-31"],
      ["allocation.weights", { us_equity: 0.5, bonds: 0.500002 }],
      ["allocation.weights.cash", null],
      ["allocation.weights.gold", 0.1],
      ["assumptions.paths", -5],
      ["assumptions.paths", 2_000_000],
      ["id", "not-an-id"],
    ];
    for (const [path, value, field] of cases) {
      const answer = await call(app, ada, "POST", "/v1/plans", exampleBut(path, value));
      assert.equal(`${answer.status} ${answer.body.code}`, "422 invalid_request", path);
      assert.ok(fieldsOf(answer).includes(field ?? path), `${path}: ${fieldsOf(answer)}`);
    }
    assert.deepEqual((await call(app, ada, "GET", "/v1/plans")).body, {
      items: [],
      nextCursor: null,
    });
  });
});

Deno.test("versions are kept as they were, told in pages, and restored to the byte", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const path = `/v1/plans/${await makePlan(app, ada)}`;
    for (let version = 1; version < 5; version++) {
      const patch = { name: `v${version + 1}`, people: [{ ...examplePlan.people[0], name: "A" }] };
      await call(app, ada, "PATCH", path, patch, { "if-match": `"${version}"` });
    }
    const text = async (end: string) =>
      await (await app.request(path + end, { token: ada.token })).text();
    const first = JSON.parse(await text("/versions/1"));
    planVersion.parse(first);
    assert.deepEqual([first.number, first.createdBy], [1, ada.userId]);
    assert.deepEqual(first.inputs, examplePlan);

    const pages = await call(app, ada, "GET", `${path}/versions?limit=2`);
    assert.deepEqual(pages.body.items.map(({ number }: { number: number }) => number), [5, 4]);
    const next = `${path}/versions?limit=3&cursor=${pages.body.nextCursor}`;
    const rest = await call(app, ada, "GET", next);
    assert.deepEqual(rest.body.items.map(({ number }: { number: number }) => number), [3, 2, 1]);
    assert.equal(rest.body.nextCursor, null);

    const restore = (headers: Record<string, string>) =>
      call(app, ada, "POST", `${path}/versions/1/restore`, undefined, headers);
    assert.equal((await restore({})).status, 428);
    assert.equal((await restore({ "if-match": '"4"' })).status, 412);
    const restored = await restore({ "if-match": '"5"' });
    assert.deepEqual([restored.status, restored.etag, restored.body.name], [
      200,
      '"6"',
      examplePlan.name,
    ]);
    const inputsIn = (document: string) => /"inputs":(.*)\}$/.exec(document)?.[1] ?? "";
    assert.notEqual(inputsIn(await text("/versions/6")), "");
    assert.equal(inputsIn(await text("/versions/6")), inputsIn(await text("/versions/1")));
    assert.deepEqual((await call(app, ada, "GET", path)).body, restored.body);
    const unknown = await call(app, ada, "POST", `${path}/versions/99/restore`, undefined, {
      "if-match": "*",
    });
    assert.equal(unknown.status, 404);
  });
});

Deno.test("of two changes made at once on one version one wins, and the other learns the version it became", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const path = `/v1/plans/${await makePlan(app, ada)}`;
    const answers = await Promise.all(
      ["x", "y", "z"].map((name) => call(app, ada, "PATCH", path, { name }, { "if-match": '"1"' })),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412, 412]);
    for (const { etag } of answers) assert.equal(etag, '"2"');
  });
});

Deno.test("plans are listed latest first, in pages without an empty last one", async () => {
  await withApp(async (app) => {
    const [ada, bob] = [await app.signUp("ada"), await app.signUp("bob")];
    const ids = [];
    for (let count = 0; count < 4; count++) ids.unshift(await makePlan(app, ada));
    const first = await call(app, ada, "GET", "/v1/plans?limit=2");
    const second = await call(app, ada, "GET", `/v1/plans?limit=2&cursor=${first.body.nextCursor}`);
    const idsOf = ({ body }: Answer) => body.items.map(({ id }: { id: string }) => id);
    assert.deepEqual([...idsOf(first), ...idsOf(second)], ids);
    assert.equal(second.body.nextCursor, null);
    assert.deepEqual((await call(app, bob, "GET", "/v1/plans")).body.items, []);
    for (const query of ["limit=0", "limit=101", "cursor=x", "surprise=1"]) {
      assert.equal((await call(app, ada, "GET", `/v1/plans?${query}`)).status, 422, query);
    }
  });
});

Deno.test("a plan that is unknown, malformed or somebody else's is 404 on every address", async () => {
  await withApp(async (app) => {
    const [ada, eve] = [await app.signUp("ada"), await app.signUp("eve")];
    const adasId = await makePlan(app, ada);
    const addresses: [string, string, unknown?][] = [
      ["GET", ""],
      ["PATCH", "", { name: "x" }],
      ["DELETE", ""],
      ["GET", "/versions"],
      ["GET", "/versions/1"],
      ["POST", "/versions/1/restore"],
      ["GET", "/simulations"],
      ["POST", "/simulations", { paths: 1_000 }],
    ];
    for (const id of [adasId, nobodysId, "not-an-id"]) {
      for (const [method, end, json] of addresses) {
        const path = `/v1/plans/${id}${end}`;
        const { status } = await call(app, eve, method, path, json, { "if-match": "*" });
        assert.equal(status, 404, `${method} ${path}`);
      }
    }
    for (const number of ["0", "x", "99", "99999999999"]) {
      const { status } = await call(app, ada, "GET", `/v1/plans/${adasId}/versions/${number}`);
      assert.equal(status, 404, number);
    }
    for (const [method, end, json] of addresses) {
      const response = await app.request(`/v1/plans/${adasId}${end}`, { method, json });
      assert.equal(response.status, 401, `${method} ${end}`);
      await response.body?.cancel();
    }
    assert.equal((await call(app, ada, "GET", `/v1/plans/${adasId}`)).body.version, 1);
  });
});

Deno.test("a plan is taken away with its versions and simulations, at the version that was read", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const path = `/v1/plans/${await makePlan(app, ada)}`;
    await call(app, ada, "POST", `${path}/simulations`, { paths: 2_000 });
    assert.equal((await call(app, ada, "GET", path)).status, 200);
    assert.equal((await call(app, ada, "DELETE", path)).status, 428);
    const stale = await call(app, ada, "DELETE", path, undefined, { "if-match": '"2"' });
    assert.deepEqual([stale.status, stale.etag], [412, '"1"']);
    const gone = await call(app, ada, "DELETE", path, undefined, { "if-match": '"1"' });
    assert.equal(gone.status, 204);
    assert.equal((await call(app, ada, "GET", path)).status, 404);
    await app.settle();
    const [left] = await app.inspect.sql`
      select (select count(*) from plan_versions)::int + (select count(*) from simulations)::int
           + (select count(*) from simulation_chunks)::int as rows`;
    assert.equal(left?.rows, 0);
  });
});

Deno.test("a change is read at once where it was made, and elsewhere within a second, by whatever spelling of its id", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const id = await makePlan(app, ada);
    const other = app.another();
    const elsewhere = async (spelling: string) => {
      const headers = { authorization: `Bearer ${ada.token}` };
      const url = `${app.url}/v1/plans/${spelling}`;
      return (await (await other.fetch(new Request(url, { headers }))).json()).version as number;
    };
    const changedMs: number[] = [];
    for (let version = 1; version < 12; version++) {
      const under = [elsewhere(id), call(app, ada, "GET", `/v1/plans/${id}`)];
      await call(app, ada, "PATCH", `/v1/plans/${id}`, { name: `v${version}` }, {
        "if-match": `"${version}"`,
      });
      changedMs.push(performance.now());
      for (const spelling of [id, id.toUpperCase()]) {
        const { body } = await call(app, ada, "GET", `/v1/plans/${spelling}`);
        assert.equal(body.version, version + 1);
        const startedMs = performance.now();
        const seen = await elsewhere(spelling);
        const due = changedMs.filter((ms) => ms < startedMs - 1_000).length + 1;
        assert.ok(seen >= due, `version ${seen} was served a second after ${due}`);
      }
      await Promise.all(under);
    }
  });
});
