import assert from "node:assert/strict";
import { isFailure } from "../../../lib/errors.ts";
import { finishSimulation, runChunk } from "../../../services/plans/mod.ts";
import { compilePlan } from "../../../services/plans/model/mod.ts";
import { simulation as simulationSchema } from "../../../services/plans/schema.ts";
import { hashPartial } from "../../../services/simulation/mod.ts";
import { runChunk as runPaths } from "../../../services/simulation/model/mod.ts";
import { type SignedUp, type TestApp, withApp } from "../../support/app.ts";
import { baseAssumptions, completeWith } from "./example_plan.ts";
import { call, forgetJobs, makePlan, startQuietly, workerCtx } from "./plans_world.ts";

const seed = 42;

/** The hash of all paths run at once, straight through the engine. */
async function hashAtOnce(pathCount: number): Promise<string> {
  const program = compilePlan(completeWith({}), baseAssumptions());
  return await hashPartial(runPaths(program, { seed, firstPath: 0, pathCount }));
}

async function read(app: TestApp, person: SignedUp, id: string) {
  const { body } = await call(app, person, "GET", `/v1/simulations/${id}`);
  return simulationSchema.parse(body);
}

Deno.test("the result has the same bytes in whatever order chunks run, and however often each is delivered", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const planId = await makePlan(app, ada);
    const { id } = await startQuietly(app, ada, planId, { paths: 3_000, seed });
    const worker = workerCtx(app);
    for (const number of [2, 0, 0, 2, 1]) {
      await runChunk(worker, { simulationId: id, number });
      const { status, result } = await read(app, ada, id);
      assert.deepEqual([status, result], ["running", undefined]);
    }
    assert.deepEqual(await forgetJobs(app), ["finish_simulation"]);
    await Promise.all([finishSimulation(worker, id), finishSimulation(worker, id)]);
    const first = await read(app, ada, id);
    await finishSimulation(worker, id);
    await runChunk(worker, { simulationId: id, number: 1 });
    assert.deepEqual(await read(app, ada, id), first);
    assert.equal(first.status, "succeeded");
    assert.equal(first.provenance.resultHash, await hashAtOnce(3_000));
    await forgetJobs(app);
    const items = await app.inspect.sql`select type from notifications where type = 'plan_ready'`;
    assert.equal(items.length, 1);
  });
});

Deno.test("chunks of uneven sizes merge to the same bytes", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const { id } = await startQuietly(app, ada, await makePlan(app, ada), { paths: 1_777, seed });
    const { sql } = app.inspect;
    // Split anew: the rows say what a chunk is, wherever the cuts are.
    await sql`delete from simulation_chunks`;
    await sql`insert into simulation_chunks (simulation_id, number, first_path, path_count)
              values (${id}, 0, 0, 1), (${id}, 1, 1, 776), (${id}, 2, 777, 1000)`;
    await sql`update simulations set chunk_count = 3`;
    for (const number of [1, 2, 0]) {
      await runChunk(workerCtx(app), { simulationId: id, number });
    }
    await finishSimulation(workerCtx(app), id);
    assert.equal((await read(app, ada, id)).provenance.resultHash, await hashAtOnce(1_777));
    await forgetJobs(app);
  });
});

Deno.test("a chunk whose worker died is refused while its lease runs, and done by another afterwards", async () => {
  let movedMs = 0;
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const { id } = await startQuietly(app, ada, await makePlan(app, ada), { paths: 1_000, seed });
    const chunk = { simulationId: id, number: 0 };
    // Dies between claim and settle: nothing of it reaches the database any more.
    const died = await runChunk({ ...workerCtx(app), ...dyingAfterClaim(app) }, chunk)
      .catch((error) => error);
    assert.match(String(died), /died/);
    const [held] = await app.inspect.sql`select fence, lease_until from simulation_chunks`;
    assert.equal(held?.fence, "1");
    assert.ok(held?.lease_until);
    // A message that finds it taken must come again, or nobody would do it.
    await assert.rejects(runChunk(workerCtx(app), chunk), (error) => isFailure(error, "busy"));
    movedMs = 61_000;
    await runChunk(workerCtx(app), chunk);
    await finishSimulation(workerCtx(app), id);
    const { provenance } = await read(app, ada, id);
    assert.equal(provenance.resultHash, await hashAtOnce(1_000));
    await forgetJobs(app);
  }, { world: { now: () => Date.now() + movedMs } });
});

/** A database whose first transaction is the worker's last: what comes after it fails. */
function dyingAfterClaim(app: TestApp) {
  const { database } = workerCtx(app);
  let transactions = 0;
  const transaction: typeof database.transaction = (session, work) =>
    ++transactions === 1
      ? database.transaction(session, work)
      : Promise.reject(new RangeError("the worker died"));
  return { database: { ...database, transaction } };
}

Deno.test("a worker that comes back after its lease was taken over changes nothing", async () => {
  let movedMs = 0;
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const { id } = await startQuietly(app, ada, await makePlan(app, ada), { paths: 2_000, seed });
    const chunk = { simulationId: id, number: 0 };
    const { database } = workerCtx(app);
    let overtaken = false;
    // Between the slow worker's claim and its settling another one does the chunk, under the next fence.
    const slow = {
      ...database,
      transaction: (async (session, work) => {
        if (!overtaken && movedMs > 0) {
          overtaken = true;
          await runChunk(workerCtx(app), chunk);
        }
        const result = await database.transaction(session, work);
        movedMs = 61_000;
        return result;
      }) as typeof database.transaction,
    };
    await runChunk({ ...workerCtx(app), database: slow }, chunk);
    const [row] = await app.inspect.sql`
      select fence, chunks_done from simulation_chunks join simulations on simulations.id = simulation_id
      where number = 0`;
    assert.deepEqual([overtaken, row?.fence, row?.chunks_done], [true, "2", 1]);
    await runChunk(workerCtx(app), { ...chunk, number: 1 });
    await finishSimulation(workerCtx(app), id);
    assert.equal((await read(app, ada, id)).provenance.resultHash, await hashAtOnce(2_000));
    await forgetJobs(app);
  }, { world: { now: () => Date.now() + movedMs } });
});

Deno.test("a chunk that fails is given back at once", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const { id } = await startQuietly(app, ada, await makePlan(app, ada), { paths: 1_000, seed });
    const chunk = { simulationId: id, number: 0 };
    await assert.rejects(
      runChunk({ ...workerCtx(app), signal: AbortSignal.abort(new Error("time is up")) }, chunk),
      /time is up/,
    );
    await runChunk(workerCtx(app), chunk);
    await finishSimulation(workerCtx(app), id);
    assert.equal((await read(app, ada, id)).status, "succeeded");
    await forgetJobs(app);
  });
});

Deno.test("chunks of a simulation that was cancelled or deleted do nothing, before or after they are claimed", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    for (const end of ["cancel", "delete"] as const) {
      const planId = await makePlan(app, ada);
      const { id } = await startQuietly(app, ada, planId, { paths: 3_000, seed });
      await runChunk(workerCtx(app), { simulationId: id, number: 0 });
      const { database } = workerCtx(app);
      let claimed = false;
      // Ends the simulation between the claim of a chunk and its settling.
      const ending = {
        ...database,
        transaction: (async (session, work) => {
          if (claimed) {
            const path = end === "cancel" ? `/v1/simulations/${id}` : `/v1/plans/${planId}`;
            await call(app, ada, "DELETE", path, undefined, { "if-match": "*" });
          }
          claimed = true;
          return await database.transaction(session, work);
        }) as typeof database.transaction,
      };
      await runChunk({ ...workerCtx(app), database: ending }, { simulationId: id, number: 1 });
      await runChunk(workerCtx(app), { simulationId: id, number: 2 });
      await finishSimulation(workerCtx(app), id);
      assert.deepEqual(await forgetJobs(app), []);
      const rows = await app.inspect.sql`select status, result from simulations where id = ${id}`;
      assert.deepEqual(
        rows.map(({ status, result }) => [status, result]),
        end === "cancel" ? [["cancelled", null]] : [],
      );
      const chunks = await app.inspect.sql`select from simulation_chunks`;
      assert.equal(chunks.length, 0);
    }
  });
});

Deno.test("a person reads, writes and deletes no chunk of somebody else's, even by plain SQL", async () => {
  await withApp(async (app) => {
    const [ada, eve] = [await app.signUp("ada"), await app.signUp("eve")];
    const { id } = await startQuietly(app, ada, await makePlan(app, ada), { paths: 1_000, seed });
    const seen = await app.inspect.sql.begin(async (sql) => {
      await sql`select set_config('app.user_id', ${eve.userId}, true)`;
      await sql`set local role almanac_app`;
      const read = await sql`select from simulation_chunks`;
      const deleted =
        await sql`delete from simulation_chunks where simulation_id = ${id} returning 1`;
      return read.length + deleted.length;
    });
    assert.equal(seen, 0);
  });
});
