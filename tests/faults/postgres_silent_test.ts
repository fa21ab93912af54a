import { pause } from "../../lib/time.ts";
import type { TestApp } from "../support/app.ts";
import { portOf, startTcpProxy, type TcpProxy, through } from "../support/tcp_proxy.ts";
import { type Door, withDoor } from "../workers/door.ts";
import { effectJob, sendingTo } from "./effect_job.ts";
import {
  assertAnswersAreSound,
  assertDeliveriesAreKept,
  assertNoneLeaked,
  assertOrdersAreKept,
  failuresOf,
  lastFailureAfter,
  slowestMs,
} from "./judge.ts";
import { startLoad } from "./load.ts";
import { withOwnPostgres } from "./own_postgres.ts";
import { barMs, faultsInFull, inSeconds, report } from "./report.ts";

const deadlineMs = 2_000;
const jobDeadlineMs = 10 * deadlineMs;
const graceMs = 500;
const silentMs = 3_000;
const recoveredMs = 5_000;
const poolMax = 20;

/** What becomes of what was sent meanwhile: a network that is cut loses it, one that drops packets delivers it late. */
const networks = [
  { what: "lost", late: false, clients: 16 },
  { what: "delivered late", late: true, clients: 16 },
  // With one client alone, every free connection that is silent would cost it a deadline, one after the other.
  { what: "lost, with a full pool and one client", late: false, clients: 1 },
];

// Each takes ten seconds.
const tried = faultsInFull() ? networks : networks.filter(({ late }) => late);

for (const { what, late, clients } of tried) {
  Deno.test(`after 3 s in which all that passes between the app and Postgres is ${what}, the pool is another within 5 s, and nothing was done twice`, async () => {
    await withProxied(async (door, proxy) => {
      const load = await startLoad(door.app, {
        clients,
        // A job whose transaction is cut in two waits as long as a job may.
        sendMessage: late || (clients > 1 && faultsInFull()) ? sendingTo(door) : undefined,
      });
      await fillPool(door.app);
      await pause(faultsInFull() ? 2_000 : 500);
      const before = proxy.taken();
      const silentSinceMs = performance.now();
      if (late) proxy.hold();
      else proxy.silence("pass");
      await pause(silentMs);
      proxy.letGo();
      await pause(faultsInFull() ? 4_000 : 1_000);
      await load.finish();
      const tookMs = lastFailureAfter(load.answers, silentSinceMs, "list", "kept", "order");
      const jobsMs = lastFailureAfter(load.answers, silentSinceMs, "delivery");
      const slowest = slowestMs(load.answers);
      assertAnswersAreSound(load.answers);
      // What was lost on its way leaves a session of Postgres behind that nobody can tell to end.
      if (!late) proxy.cut();
      await assertNoneLeaked(door.app);
      await assertOrdersAreKept(door.app, load);
      await assertDeliveriesAreKept(door.app, load);
      door.app.logged.splice(0);
      const fault = `Postgres silent for 3 s, ${what}`;
      const done = `once; ${clients} clients, ${before} connections`;
      report(
        {
          fault,
          done,
          bar: `recovered <= ${inSeconds(recoveredMs)}`,
          measured: inSeconds(tookMs),
          met: tookMs <= barMs(recoveredMs),
        },
        {
          fault,
          done,
          bar: `jobs, which have ten times the deadline: <= ${inSeconds(jobDeadlineMs + graceMs)}`,
          measured: load.delivered.size === 0 ? "none was sent" : inSeconds(jobsMs),
          met: jobsMs <= barMs(jobDeadlineMs + graceMs),
        },
        {
          fault,
          done,
          bar: `slowest request <= ${inSeconds(deadlineMs + graceMs)}`,
          measured: inSeconds(slowest),
          met: slowest <= barMs(deadlineMs + graceMs),
        },
        {
          fault,
          done,
          bar: "503 alone; every answered order and job once; none leaked",
          measured: `${failuresOf(load.answers).length} of ${load.answers.length} answers 503, ` +
            `${load.plans.size} plans, ${load.delivered.size} jobs, ${
              proxy.taken() - before
            } replaced`,
          met: true,
        },
      );
    });
  });
}

/** A door whose app reaches Postgres by way of a proxy. */
async function withProxied(work: (door: Door, proxy: TcpProxy) => Promise<void>): Promise<void> {
  await withOwnPostgres(async (postgres) => {
    const database = await postgres.newDatabase();
    await using proxy = startTcpProxy(portOf(database.url));
    await withDoor([effectJob], (door) => work(door, proxy), {
      database: () => Promise.resolve(database),
      reach: (url) => through(proxy, url),
      env: { DATABASE_DEADLINE_MS: String(deadlineMs), DATABASE_POOL_MAX: String(poolMax) },
    });
  });
}

/** As many transactions at once as there may be connections. */
async function fillPool({ deps }: TestApp): Promise<void> {
  const { database } = deps.context("test", { address: "", userAgent: "" });
  const allIn = Promise.withResolvers<void>();
  let count = 0;
  await Promise.all(
    Array.from(
      { length: poolMax },
      () =>
        database.transaction({ role: "almanac_system", userId: "", staff: false }, async (sql) => {
          await sql`select 1`;
          if (++count === poolMax) allIn.resolve();
          await allIn.promise;
        }),
    ),
  );
}
