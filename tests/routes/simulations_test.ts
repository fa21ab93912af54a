import assert from "node:assert/strict";
import { simulation as simulationSchema } from "../../services/plans/mod.ts";
import { withApp } from "../support/app.ts";
import {
  call,
  forgetJobs,
  makePlan,
  startQuietly,
  untilEnded,
} from "../services/plans/plans_world.ts";

const nobodysId = "0199a0b0-0000-7000-8000-000000000000";

Deno.test("a simulation is taken at once, moves only forward, and ends with a whole result and one message", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const planId = await makePlan(app, ada);
    const started = await call(app, ada, "POST", `/v1/plans/${planId}/simulations`, { seed: 42 });
    assert.deepEqual([started.status, started.body.status, started.body.progress], [
      202,
      "queued",
      0,
    ]);
    simulationSchema.parse(started.body);
    const path = `/v1/simulations/${started.body.id}`;
    const order = ["queued", "running", "succeeded"];
    const seen: [number, number][] = [];
    while (true) {
      const { body } = await call(app, ada, "GET", path);
      seen.push([order.indexOf(body.status), body.progress]);
      if (body.status === "succeeded") break;
    }
    assert.deepEqual(seen, seen.toSorted(([a, p], [b, q]) => a - b || p - q));
    const { body } = await call(app, ada, "GET", path);
    const { result, provenance } = simulationSchema.parse(body);
    assert.ok(result);
    assert.equal(result.years.length, 47);
    assert.deepEqual([result.years[0]?.year, result.years[0]?.age], [2026, 45]);
    assert.deepEqual(result.goals.map(({ name }) => name), ["college"]);
    const { resultHash, ...rest } = provenance;
    assert.match(resultHash ?? "", /^sha256:[0-9a-f]{64}$/);
    assert.deepEqual([rest.seed, rest.paths, rest.assumptionSet, rest.planVersion], [
      42,
      10_000,
      "base",
      1,
    ]);
    await app.settle();
    const inbox = await call(app, ada, "GET", "/v1/inbox");
    const ready = inbox.body.items.filter(({ type }: { type: string }) => type === "plan_ready");
    assert.deepEqual(ready.map(({ data }: { data: { planId: string } }) => data.planId), [planId]);
    const listed = await call(app, ada, "GET", `/v1/plans/${planId}/simulations`);
    assert.deepEqual(listed.body, { items: [body], nextCursor: null });
  });
});

Deno.test("a simulation runs as many paths as it is asked for, else as the plan says", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const assumptions = { set: "base", version: 1, seed: 5, paths: 1_000 };
    const planId = await makePlan(app, ada, { assumptions });
    const start = async (json: unknown) =>
      (await call(app, ada, "POST", `/v1/plans/${planId}/simulations`, json)).body.provenance;
    const [own, asked] = [await start({}), await start({ paths: 2_000, seed: 6 })];
    assert.deepEqual([own.paths, own.seed, asked.paths, asked.seed], [1_000, 5, 2_000, 6]);
    for (const json of [{ paths: 999 }, { paths: 1_000_001 }, { seed: -1 }, { surprise: 1 }]) {
      const { status } = await call(app, ada, "POST", `/v1/plans/${planId}/simulations`, json);
      assert.equal(status, 422, JSON.stringify(json));
    }
  });
});

Deno.test("a plan that cannot be simulated is refused with each input that would have to be ignored", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const planId = await makePlan(app, ada, {
      withdrawal: { rule: "vpw" },
      goals: [{ name: "boat", amount: "1", date: "2030-01-01", met: "paid" }],
    });
    const path = `/v1/plans/${planId}/simulations`;
    const { status, body } = await call(app, ada, "POST", path, {});
    assert.equal(`${status} ${body.code}`, "422 plan_not_simulatable");
    assert.deepEqual(body.errors.map(({ path }: { path: string }) => path), [
      "goals.0.met",
      "withdrawal.rule",
    ]);
    const unknown = await makePlan(app, ada, { assumptions: { set: "rosy", version: 1 } });
    const refused = await call(app, ada, "POST", `/v1/plans/${unknown}/simulations`, {});
    assert.deepEqual([refused.status, refused.body.errors[0].path], [422, "assumptions.set"]);
    assert.equal((await app.inspect.sql`select from simulations`).length, 0);
  });
});

Deno.test("a cancelled simulation stays cancelled, cancelling again answers the same, and one that has ended cannot be", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const planId = await makePlan(app, ada);
    const path = `/v1/plans/${planId}/simulations`;
    const { body: { id } } = await call(app, ada, "POST", path, { paths: 20_000 });
    const first = await call(app, ada, "DELETE", `/v1/simulations/${id}`);
    assert.deepEqual([first.status, first.body.status], [200, "cancelled"]);
    simulationSchema.parse(first.body);
    assert.deepEqual(await call(app, ada, "DELETE", `/v1/simulations/${id}`), first);
    await app.settle();
    assert.deepEqual((await call(app, ada, "GET", `/v1/simulations/${id}`)).body, first.body);
    const ready = await app.inspect.sql`select from notifications where type = 'plan_ready'`;
    assert.equal(ready.length, 0);

    const other = await call(app, ada, "POST", path, { paths: 1_000 });
    await untilEnded(app, ada, other.body.id);
    const late = await call(app, ada, "DELETE", `/v1/simulations/${other.body.id}`);
    assert.equal(`${late.status} ${late.body.code}`, "409 simulation_finished");
  });
});

Deno.test("Prefer: wait answers when the simulation ends, or when the time is up", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const planId = await makePlan(app, ada);
    const { id } = await startQuietly(app, ada, planId, { paths: 1_000 });
    const wait = (seconds: number) =>
      call(app, ada, "GET", `/v1/simulations/${id}`, undefined, { prefer: `wait=${seconds}` });
    const startedMs = performance.now();
    assert.equal((await wait(1)).body.status, "queued");
    assert.ok(performance.now() - startedMs >= 990);
    const waiting = wait(5);
    const cancelled = await call(app, ada, "DELETE", `/v1/simulations/${id}`);
    const answered = await waiting;
    assert.deepEqual(answered.body, cancelled.body);
    assert.ok(performance.now() - startedMs < 4_000);
    await forgetJobs(app);
  });
});

Deno.test("a simulation that has not changed is 304 for whoever has it", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const { id } = await startQuietly(app, ada, await makePlan(app, ada), { paths: 1_000 });
    const path = `/v1/simulations/${id}`;
    const { etag } = await call(app, ada, "GET", path);
    const again = () => call(app, ada, "GET", path, undefined, { "if-none-match": etag });
    assert.deepEqual(await again(), { status: 304, etag, body: null });
    await call(app, ada, "DELETE", path);
    const changed = await again();
    assert.deepEqual([changed.status, changed.body.status], [200, "cancelled"]);
    assert.notEqual(changed.etag, etag);
  });
});

Deno.test("a simulation is for its owner alone", async () => {
  await withApp(async (app) => {
    const [ada, eve] = [await app.signUp("ada"), await app.signUp("eve")];
    const planId = await makePlan(app, ada);
    const { id } = await startQuietly(app, ada, planId, { paths: 1_000 });
    for (const wanted of [id, nobodysId, "not-an-id"]) {
      for (const method of ["GET", "DELETE"]) {
        const { status } = await call(app, eve, method, `/v1/simulations/${wanted}`);
        assert.equal(status, 404, `${method} ${wanted}`);
      }
    }
    const foreign = await call(app, eve, "POST", `/v1/plans/${planId}/simulations`, {});
    assert.equal(foreign.status, 404);
    for (const method of ["GET", "DELETE"]) {
      const response = await app.request(`/v1/simulations/${id}`, { method });
      assert.equal(response.status, 401, method);
      await response.body?.cancel();
    }
    assert.equal((await call(app, ada, "GET", `/v1/simulations/${id}`)).body.status, "queued");
  });
});

Deno.test("a large simulation is split without a slow request, and listed in pages", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const planId = await makePlan(app, ada);
    const path = `/v1/plans/${planId}/simulations`;
    await call(app, ada, "GET", path);
    const startedMs = performance.now();
    const { body: { id } } = await call(app, ada, "POST", path, { paths: 200_000 });
    const elapsedMs = performance.now() - startedMs;
    await call(app, ada, "DELETE", `/v1/simulations/${id}`);
    assert.ok(elapsedMs < 1_000, `${elapsedMs} ms`);
    const [{ count } = { count: 0 }] = await app.inspect.sql`
      select count(*)::int from outbox where job = 'run_simulation_chunk'`;
    assert.equal(count, 200);
    for (let more = 0; more < 2; more++) await startQuietly(app, ada, planId, { paths: 1_000 });
    const first = await call(app, ada, "GET", `${path}?limit=2`);
    const rest = await call(app, ada, "GET", `${path}?limit=2&cursor=${first.body.nextCursor}`);
    assert.deepEqual(rest.body.items.map((item: { id: string }) => item.id), [id]);
    assert.equal(rest.body.nextCursor, null);
  });
});

Deno.test("the app answers while chunks run in the same process", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const planId = await makePlan(app, ada);
    const { body } = await call(app, ada, "POST", `/v1/plans/${planId}/simulations`, { seed: 1 });
    let longestMs = 0;
    let lastMs = performance.now();

    const timer = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - lastMs);
      lastMs = performance.now();
    }, 5);
    try {
      assert.equal((await untilEnded(app, ada, body.id)).status, "succeeded");
    } finally {
      clearInterval(timer);
    }
    assert.ok(longestMs < 1_000, `nothing was answered for ${longestMs} ms`);
  });
});
