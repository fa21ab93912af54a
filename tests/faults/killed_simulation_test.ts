import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { pause, stopwatch } from "../../lib/time.ts";
import { asSystem, inTransaction } from "../../services/ctx.ts";
import { enqueueJobs } from "../../services/jobs/mod.ts";
import { call, makePlan, startQuietly } from "../services/plans/plans_world.ts";
import type { SignedUp } from "../support/app.ts";
import { isQuiet } from "../support/is_quiet.ts";
import { seededRandom, shuffled } from "../support/seeded_random.ts";
import { allPermissions, signToken } from "../support/tokens.ts";
import { faultsInFull, report } from "./report.ts";
import { withWorkers, type WorkerWorld } from "./workers.ts";

const [paths, killCount] = faultsInFull() ? [20_000, 10] : [4_000, 2];
const chunkCount = paths / 1_000;
const seed = 42;
const nowhere = { address: "", userAgent: "" };

const orders = {
  published: (numbers: number[]) => numbers,
  reversed: (numbers: number[]) => numbers.toReversed(),
  shuffled: (numbers: number[]) => shuffled(numbers, seededRandom(seed)),
};
type Order = keyof typeof orders;

interface Variant {
  workers: number;
  kills: number;
  order: Order;
}

const variants: Variant[] = faultsInFull()
  ? [1, 2].flatMap((workers) =>
    (Object.keys(orders) as Order[]).map((order) => ({ workers, kills: killCount, order }))
  )
  : [{ workers: 1, kills: killCount, order: "reversed" }, {
    workers: 2,
    kills: killCount,
    order: "shuffled",
  }];

Deno.test("a simulation comes to the same bytes whoever is killed at it, in whatever order its chunks run", async () => {
  const elapsedMs = stopwatch();
  await withWorkers(async (world) => {
    const { app } = world;
    const person = await app.signUp("ada");
    const planId = await makePlan(app, person);
    await watchChunks(world);
    const undisturbed = await run(world, person, planId, {
      workers: 1,
      kills: 0,
      order: "published",
    });
    app.standIns.qstash.setFaults({
      duplicate: { rate: 0.3 },
      dropAcknowledgement: { rate: 0.3 },
      random: seededRandom(seed),
    });
    const disturbed = [];
    for (const variant of variants) disturbed.push(await run(world, person, planId, variant));
    const hashes = new Set([undisturbed, ...disturbed].map(({ hash }) => hash));
    const kills = disturbed.reduce((sum, run) => sum + run.kills, 0);
    const claims = disturbed.reduce((sum, run) => sum + run.claims, 0);
    report({
      fault: "kill -9 in a Monte Carlo run",
      done: `${paths} paths in ${chunkCount} chunks, ${killCount} kills each, over ${
        variants.map(({ workers, order }) => `${workers} (${order})`).join(", ")
      } processes; QStash doubles 30 %, loses 30 % of acknowledgements`,
      bar:
        "one SHA-256 of the whole result, equal to the undisturbed run's; each chunk counted once",
      measured: JSON.stringify({
        runs: disturbed.length,
        hashes: hashes.size,
        kills,
        chunks: chunkCount * disturbed.length,
        claims,
        seconds: Math.round(elapsedMs() / 1_000),
      }),
      met: hashes.size === 1,
    });
    assert.equal(hashes.size, 1, JSON.stringify(disturbed));
    assert.equal(kills, variants.length * killCount);
    assert.ok(claims > chunkCount * disturbed.length, "chunks were taken over from the dead");
  });
});

/** Runs one simulation to its end and holds what it came to against what it must. */
async function run(world: WorkerWorld, person: SignedUp, planId: string, variant: Variant) {
  const { app } = world;
  const { sql } = app.inspect;
  await sql`truncate chunk_claims, chunk_ends`;
  const workers = await world.startWorkers(variant.workers);
  const { id } = await startQuietly(app, person, planId, { paths, seed });
  const over = new AbortController();
  let kills = 0;
  const killing = killAtWork();
  await askInOrder(world, id, variant.order);
  await world.passTimeUntil("the simulation to end", async () => {
    const [row] = await sql`select from simulations where id = ${id} and finished_at is not null`;
    return row !== undefined && await isQuiet(app);
  });
  over.abort();
  await killing;
  await workers.stop();

  /** At moments drawn by lot after a claim: before the chunk is computed, in the midst of it, or as it is settled. */
  async function killAtWork() {
    const random = seededRandom(seed + variant.workers + variant.order.length);
    for (let next = 1; next <= variant.kills; next++) {
      const isTime = async () => {
        const [row] = await sql<
          { count: number }[]
        >`select count(*)::int as count from chunk_claims`;
        return (row?.count ?? 0) >= next * claimsAKill;
      };
      while (!over.signal.aborted && !(await isTime() && workers.living().length > 0)) {
        await pause(2);
      }
      if (over.signal.aborted) return;
      await pause(random() * claimToEndMs);
      const living = workers.living();
      if (workers.kill(living[Math.floor(random() * living.length)] ?? 0)) kills++;
    }
  }

  // The clock has gone on for longer than a token lasts.
  const token = await signToken(app, person.userId, allPermissions);
  const { status, body } = await call(app, { token }, "GET", `/v1/simulations/${id}`);
  assert.deepEqual([status, body.status], [200, "succeeded"], JSON.stringify(body));
  const ends = await sql<{ number: number; times: number }[]>`
    select number, count(*)::int as times from chunk_ends group by number order by number`;
  const [claims] = await sql<{ count: number }[]>`select count(*)::int as count from chunk_claims`;
  assert.deepEqual(
    ends.map(({ number, times }) => [number, times]),
    Array.from({ length: chunkCount }, (_, number) => [number, 1]),
    "each chunk is settled once",
  );
  const [row] = await sql<{ done: number; told: number }[]>`
    select chunks_done as done, (select count(*)::int from notifications
      where type = 'plan_ready' and dedupe_key = simulations.id::text) as told
    from simulations where id = ${id}`;
  assert.deepEqual([row?.done, row?.told], [chunkCount, 1], "the person is told once");
  const { result, provenance } = body;
  const hash = createHash("sha256").update(JSON.stringify({ result, provenance })).digest("hex");
  return { hash, kills, claims: claims?.count ?? 0 };
}

// One kill for so many claims, so that all of them come while there are chunks left.
const claimsAKill = Math.max(1, Math.floor(chunkCount / (killCount + 1)));
/** About what a chunk takes on a busy machine. */
const claimToEndMs = 400;

async function askInOrder({ app }: WorkerWorld, simulationId: string, order: Order) {
  const ctx = asSystem(app.deps.context("test", nowhere), "test");
  const numbers = Array.from({ length: chunkCount }, (_, number) => number);
  await inTransaction(ctx, (tx) =>
    enqueueJobs(
      tx,
      orders[order](numbers).map((number) => ({
        job: "run_simulation_chunk",
        key: `${simulationId}_${number}`,
        payload: { simulationId, number },
      })),
    ));
}

/** Notes each claim and each end of a chunk, in the transactions in which they happen. */
async function watchChunks({ app: { inspect: { sql } } }: WorkerWorld): Promise<void> {
  await sql`create table chunk_claims (number integer)`;
  await sql`create table chunk_ends (number integer)`;
  await sql`grant all on chunk_claims, chunk_ends to almanac_system`;
  await sql`
    create function note_chunk() returns trigger language plpgsql as $$ begin
      if new.fence > old.fence then insert into chunk_claims values (new.number); end if;
      if new.done_at is not null and (old.done_at is null or new.partial is distinct from old.partial)
      then insert into chunk_ends values (new.number); end if;
      return null; end $$`;
  await sql`create trigger noted after update on simulation_chunks for each row execute function note_chunk()`;
}
