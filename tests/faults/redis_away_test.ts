import assert from "node:assert/strict";
import type { Fault } from "../../dev/redis/faults.ts";
import { examplePlan } from "../services/plans/example_plan.ts";
import { type TestApp, withApp } from "../support/app.ts";
import { pollUntil } from "../support/poll.ts";
import { faultsInFull, report } from "./report.ts";

/** What a reader may lose to an outage of Redis: once, and at every read after that. */
const firstMaxMs = 300;
const laterMaxMs = 5;
const rounds = faultsInFull() ? 5 : 3;
const laterReads = faultsInFull() ? 40 : 20;

type Isolate = ReturnType<TestApp["another"]>;

interface Reading {
  app: TestApp;
  token: string;
  paths: Record<string, string>;
  /** Where memory keeps what these read. */
  keys: string[];
}

interface Measured {
  firstMs: number;
  laterMs: number[];
}

const faults: (Fault & { kind: "refuse" | "black_hole" })[] = [
  { kind: "refuse" },
  { kind: "black_hole" },
];

for (const fault of faults) {
  Deno.test(`with Redis away (${fault.kind}) every read is answered, one is at most 300 ms late and the rest 5 ms`, async () => {
    await withReading(async (reading) => {
      const table: Row[] = [];
      for (const start of ["warm", "cold"] as const) {
        for (const what of Object.keys(reading.paths)) {
          const row = await compare(reading, what, start, fault);
          table.push(row);
        }
      }
      print(fault, table);
      report(...linesOf(fault, table));
    });
  });
}

Deno.test("within seconds of its return Redis is used again, without anybody waiting for it", async () => {
  await withReading(async (reading) => {
    const { app, paths } = reading;
    for (const fault of faults) {
      const isolate = isolateOf(app);
      app.standIns.redis.setFault(fault);
      for (const path of Object.values(paths)) await read(reading, isolate, path);
      app.standIns.redis.setFault(null);
      const startedMs = performance.now();
      let slowestMs = 0;
      await pollUntil("Redis to be used", async () => {
        const { redis } = isolate.deps.context("test", { address: "", userAgent: "" });
        slowestMs = Math.max(slowestMs, await read(reading, isolate, paths.preferences ?? ""));
        return await redis.attempt((client) => client.get("nothing")) === null;
      }, 5_000);
      const tookMs = performance.now() - startedMs;
      report({
        fault: `Redis comes back (${fault.kind})`,
        done: "once",
        bar: `used again < 4000 ms, reads < ${firstMaxMs} ms`,
        measured: `${tookMs.toFixed()} ms, slowest ${slowestMs.toFixed(1)} ms`,
        met: tookMs < 4_000 && slowestMs < firstMaxMs,
      });
    }
  });
});

/** Somebody with a plan, and the three reads of the hot path. */
async function withReading(work: (reading: Reading) => Promise<void>): Promise<void> {
  await withApp(async (app) => {
    const { token, userId } = await app.signUp();
    const created = await app.request("/v1/plans", { method: "POST", token, json: examplePlan });
    const { id } = await created.json();
    await app.settle();
    const paths = {
      quote: "/v1/quotes/AAPL",
      preferences: "/v1/preferences",
      plan: `/v1/plans/${id}`,
    };
    const keys = ["quote:AAPL", `preferences:${userId}`, `plan:${userId}:${id}`];
    try {
      await work({ app, token, paths, keys });
    } finally {
      app.standIns.redis.setFault(null);
      app.logged.splice(0);
    }
  }, { env: { MARKET_PROVIDERS: "demo" } });
}

const isolateOf = (app: TestApp): Isolate => app.another({ REDIS_DEADLINE_MS: "250" });

/** A read in process, so that what is measured is ours and not the loopback's; in milliseconds. */
async function read({ app, token }: Reading, isolate: Isolate, path: string): Promise<number> {
  const startedMs = performance.now();
  const response = await isolate.fetch(
    new Request(`${app.url}${path}`, { headers: { authorization: `Bearer ${token}` } }),
  );
  await response.text();
  assert.equal(response.status, 200, path);
  return performance.now() - startedMs;
}

interface Row {
  what: string;
  start: "warm" | "cold";
  first: Delay;
  /** Of the reads after the first one. */
  later: Delay;
}

/** Milliseconds of a read with Redis and without it, medians; and how much later it came in the quietest round. */
interface Delay {
  upMs: number;
  awayMs: number;
  addedMs: number;
}

/** The same reads in isolates of their own, with Redis and without it, turn by turn. */
async function compare(
  reading: Reading,
  what: string,
  start: Row["start"],
  fault: Fault,
): Promise<Row> {
  const firsts: Round[] = [];
  const laters: Round[] = [];
  const path = reading.paths[what] ?? "";
  for (let round = 0; round < rounds; round++) {
    const up = await measure(reading, path, start, null);
    const away = await measure(reading, path, start, fault);
    firsts.push({ upMs: up.firstMs, awayMs: away.firstMs });
    laters.push({ upMs: median(up.laterMs), awayMs: median(away.laterMs) });
  }
  return { what, start, first: delayOf(firsts), later: delayOf(laters) };
}

type Round = Omit<Delay, "addedMs">;

/** Others use the machine too: what they take is in every round but the quietest, what the product takes is in all. */
function delayOf(all: Round[]): Delay {
  return {
    upMs: median(all.map(({ upMs }) => upMs)),
    awayMs: median(all.map(({ awayMs }) => awayMs)),
    addedMs: Math.min(...all.map(({ upMs, awayMs }) => awayMs - upMs)),
  };
}

/**
 * Warm: the isolate has read before, and what it holds in memory has just run out, so that the next read goes past
 * memory. Cold: a new isolate, which knows no key, no revocation and no document, where Redis, if it is there, has all
 * of them. In both, every later read goes past memory as well, which in life only one in a second does.
 */
async function measure(
  reading: Reading,
  path: string,
  start: Row["start"],
  fault: Fault | null,
): Promise<Measured> {
  const { redis } = reading.app.standIns;
  const isolate = isolateOf(reading.app);
  if (start === "warm") await read(reading, isolate, path);
  forget(reading, isolate);
  redis.setFault(fault);
  const firstMs = await read(reading, isolate, path);
  const laterMs: number[] = [];
  for (let time = 0; time < laterReads; time++) {
    forget(reading, isolate);
    laterMs.push(await read(reading, isolate, path));
  }
  redis.setFault(null);
  return { firstMs, laterMs };
}

function forget({ keys }: Reading, { deps }: Isolate): void {
  const { memory } = deps.context("test", { address: "", userAgent: "" });
  for (const key of keys) memory.drop(key);
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** The worst of all kinds of reads, for each bar. */
function linesOf({ kind }: Fault, rows: Row[]) {
  const bars = [
    { what: "the first read", maxMs: firstMaxMs, of: ({ first }: Row) => first.addedMs },
    { what: "later reads", maxMs: laterMaxMs, of: ({ later }: Row) => later.addedMs },
  ];
  return bars.map(({ what, maxMs, of }) => {
    const worst = rows.toSorted((a, b) => of(b) - of(a))[0];
    const addedMs = worst ? of(worst) : NaN;
    return {
      fault: `Redis away (${kind})`,
      done: `${rounds} rounds, 3 reads, warm and cold`,
      bar: `${what} <= ${maxMs} ms late, and answered`,
      measured: `${addedMs.toFixed(1)} ms (${worst?.start} ${worst?.what})`,
      met: addedMs <= maxMs,
    };
  });
}

function print({ kind }: Fault, rows: Row[]): void {
  console.log(
    `  Redis away: ${kind}; milliseconds, medians; "added" in the quietest of ${rounds} rounds`,
  );
  console.log("  start read          first up      away     added | later up      away     added");
  for (const { start, what, first, later } of rows) {
    const [one, other] = [first, later].map(({ upMs, awayMs, addedMs }) =>
      [upMs, awayMs, addedMs].map((figure) => figure.toFixed(1).padStart(9)).join(" ")
    );
    console.log(`  ${start}  ${what.padEnd(12)} ${one} |${other}`);
  }
}
