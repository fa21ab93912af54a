import assert from "node:assert/strict";
import { withApp } from "../support/app.ts";
import { deliver } from "../support/delivery.ts";
import { jobs } from "../../workers/mod.ts";
import {
  call,
  forgetJobs,
  makePlan,
  startQuietly,
  untilEnded,
} from "../services/plans/plans_world.ts";

Deno.test("the jobs run_simulation_chunk and finish_simulation are registered, by request alone", () => {
  for (const name of ["run_simulation_chunk", "finish_simulation"]) {
    const job = jobs.find((known) => known.name === name);
    assert.deepEqual([job?.kind, job?.schedule], ["long", undefined], name);
  }
});

Deno.test("run_simulation_chunk and finish_simulation, reordered and delivered again, make one result and one message", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const path = `/v1/plans/${await makePlan(app, ada)}/simulations`;
    const calm = await call(app, ada, "POST", path, { paths: 3_000, seed: 7 });
    const expected = await untilEnded(app, ada, calm.body.id);
    assert.equal(expected.status, "succeeded");
    // Every message is delivered twice, in an order of its own.
    app.standIns.qstash.setFaults({ reorder: {}, dropAcknowledgement: {} });
    const rough = await call(app, ada, "POST", path, { paths: 3_000, seed: 7 });
    const ended = await untilEnded(app, ada, rough.body.id);
    assert.deepEqual(ended.result, expected.result);
    assert.equal(ended.provenance.resultHash, expected.provenance.resultHash);
    await app.settle();
    const { body } = await call(app, ada, "GET", "/v1/inbox");
    const ready = body.items.filter(({ type }: { type: string }) => type === "plan_ready");
    assert.equal(ready.length, 2);
    const again = app.standIns.qstash.messages().filter(({ attempts }) => attempts > 1);
    for (const name of ["run_simulation_chunk", "finish_simulation"]) {
      assert.ok(again.some(({ url }) => url.endsWith(`/jobs/${name}`)), name);
    }
  });
});

Deno.test("a simulation says that it has failed once a message of it is given up", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const { id } = await startQuietly(app, ada, await makePlan(app, ada), {
      paths: 1_000,
      seed: 1,
    });
    const status = async () => (await call(app, ada, "GET", `/v1/simulations/${id}`)).body.status;
    assert.equal(await status(), "queued");
    const message = { key: `${id}_0`, version: 1, payload: { simulationId: id, number: 0 } };
    const report = { status: 500, retried: 5, sourceBody: btoa(JSON.stringify(message)) };
    for (const outcome of ["recorded", "over"]) {
      const url = `${app.url}/jobs/run_simulation_chunk/failed`;
      const { currentSigningKey: key } = app.standIns.qstash;
      assert.equal((await deliver(fetch, url, report, { key })).outcome, outcome);
    }
    assert.equal(await status(), "failed");
    const cancelled = await call(app, ada, "DELETE", `/v1/simulations/${id}`);
    assert.equal(`${cancelled.status} ${cancelled.body.code}`, "409 simulation_finished");
    await forgetJobs(app);
  });
});
