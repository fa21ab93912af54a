/** What the door and the outbox add to a job that does the least there is: one row. */
import postgres from "postgres";
import { startEngines } from "../dev/engines.ts";
import { type Figure, figure } from "./figure.ts";
import { askPath } from "./jobs/ask.ts";
import { deliverAll, type DeliveryTimes, quantile } from "./jobs/deliver.ts";
import type { BenchOptions } from "./mod.ts";
import { interleave, median } from "./rounds.ts";
import { cpuMicros, freePort, type RunningServer, startServer } from "./servers.ts";

const deliveryCount = 1_000;
const atOnce = 16;
const burstCount = 2_000;
const singleCount = 10;
const runsMax = 5;

interface Round extends DeliveryTimes {
  cpuMicros: number;
}

/** The product's door and outbox by turns with a bare receiver that is called by the same stand-in for QStash. */
export async function* benchJobs({ rounds }: BenchOptions): AsyncGenerator<Figure> {
  const runs = Math.min(rounds, runsMax);
  await using resources = new AsyncDisposableStack();
  const engines = resources.adopt(
    await startEngines({ name: "bench", port: 0, fresh: true, report() {} }),
    ({ stop }) => stop(),
  );
  await makeTable(engines.postgres.url);
  const start = async (program: string) => {
    const port = freePort();
    const publicUrl = `http://127.0.0.1:${port}`;
    const env = { ...engines.env, PORT: String(port), PUBLIC_URL: publicUrl };
    const server = await startServer(program, JSON.stringify(env));
    return resources.adopt(server, ({ stop }) => stop());
  };
  const product = await start("bench/servers/job_door.ts");
  const peer = await start("bench/peers/b1_job.ts");
  const currentKey = engines.env.QSTASH_CURRENT_SIGNING_KEY ?? "";
  const measure = (server: RunningServer, job: string) => () =>
    measureDoor(server, job, currentKey);
  yield* doorFigures(
    await interleave({
      short: measure(product, "bench_short"),
      long: measure(product, "bench_long"),
      bare: measure(peer, "bench_short"),
    }, runs),
  );
  yield* outboxFigures(
    await interleave({
      product: () => measureOutbox(product),
      bare: () => measureOutbox(peer),
    }, runs),
  );
}

async function makeTable(url: string): Promise<void> {
  const owner = postgres(url, { max: 1 });
  await owner`create table bench_effects (id bigint generated always as identity primary key, key text not null)`;
  await owner`grant insert on bench_effects to almanac_system`;
  await owner.end();
}

async function measureDoor(server: RunningServer, job: string, currentKey: string): Promise<Round> {
  const before = cpuMicros(server.pid);
  const { port } = server.hello;
  const times = await deliverAll({ port, job, count: deliveryCount, atOnce, currentKey });
  return { ...times, cpuMicros: (cpuMicros(server.pid) - before) / deliveryCount };
}

interface OutboxRound {
  singles: number[];
  burstMs: number;
}

async function measureOutbox(server: RunningServer): Promise<OutboxRound> {
  const singles: number[] = [];
  for (let n = 0; n < singleCount; n++) singles.push(await askFor(server, 1));
  return { singles, burstMs: await askFor(server, burstCount) };
}

/** Has a server ask for so many jobs; the milliseconds until all of them were done. */
async function askFor({ hello }: RunningServer, count: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${hello.port}${askPath}`, {
    method: "POST",
    body: JSON.stringify({ count }),
  });
  const { elapsedMs } = await response.json();
  return elapsedMs;
}

function* doorFigures(rounds: Record<string, Round[]>): Generator<Figure> {
  const { bare = [] } = rounds;
  const middle = (of: Round[], read: (round: Round) => number) => median(of.map(read));
  for (const name of ["short", "long"]) {
    const ours = rounds[name] ?? [];
    const against = (
      what: string,
      unit: string,
      better: Figure["better"],
      read: (round: Round) => number,
    ) =>
      figure({
        bench: "jobs",
        what: `${name} job, ${what}`,
        value: middle(ours, read),
        unit,
        against: "B1",
        other: middle(bare, read),
        better,
        runs: ours.length,
      });
    const lower = "lower";
    yield against("deliveries", "deliveries/s", "higher", ({ perSecond }) => perSecond);
    yield against("server CPU", "us cpu/delivery", lower, ({ cpuMicros }) => cpuMicros);
    yield against(`p50 at ${atOnce} at once`, "ms", lower, ({ p50Ms }) => p50Ms);
    yield against(`p99 at ${atOnce} at once`, "ms", lower, ({ p99Ms }) => p99Ms);
  }
}

function* outboxFigures({ product = [], bare = [] }: Record<string, OutboxRound[]>) {
  const frame = { bench: "jobs", against: "B1", runs: product.length } as const;
  for (const share of [0.5, 0.99]) {
    const of = (rounds: OutboxRound[]) => quantile(rounds.flatMap(({ singles }) => singles), share);
    yield figure({
      ...frame,
      what: `one job from asking to its effect, p${share * 100}`,
      value: of(product),
      unit: "ms",
      other: of(bare),
      better: "lower",
    });
  }
  const rate = (rounds: OutboxRound[]) =>
    median(rounds.map(({ burstMs }) => burstCount * 1_000 / burstMs));
  yield figure({
    ...frame,
    what: `${burstCount} jobs from asking to their effects`,
    value: rate(product),
    unit: "jobs/s",
    other: rate(bare),
    better: "higher",
  });
}
