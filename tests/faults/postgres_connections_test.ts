import postgres from "postgres";
import { pause } from "../../lib/time.ts";
import { type TestApp, withApp } from "../support/app.ts";
import {
  assertAnswersAreSound,
  assertNoneLeaked,
  assertOrdersAreKept,
  failuresOf,
  lastFailureAfter,
  slowestMs,
} from "./judge.ts";
import { type Load, startLoad } from "./load.ts";
import { withOwnPostgres } from "./own_postgres.ts";
import { barMs, faultsInFull, inSeconds, report } from "./report.ts";

const deadlineMs = 2_000;
const windowMs = 1_000;
const connectionsMax = 10;
const clients = 16;
const env = { DATABASE_DEADLINE_MS: String(deadlineMs), DATABASE_POOL_MAX: "20" };
const longMs = faultsInFull() ? 4_000 : 1_500;

Deno.test("where Postgres has fewer connections than the pool would take, the app makes do with them and refuses nobody", async () => {
  await withLoad({ max_connections: String(connectionsMax) }, async (_app, load) => {
    await pause(longMs);
    await load.finish();
    const failed = failuresOf(load.answers);
    const slowest = slowestMs(load.answers);
    report({
      fault: "Postgres has no connection left for the pool (53300)",
      done: `${connectionsMax} connections, pool of 20, ${clients} clients, ${inSeconds(longMs)}`,
      bar: "no answer but good ones",
      measured: `${failed.length} refused of ${load.answers.length}, slowest ${inSeconds(slowest)}`,
      met: failed.length === 0,
    });
  });
});

Deno.test("while others hold every connection of Postgres people are told to come again, and a second after those let go all is well", async () => {
  await withLoad({ max_connections: String(connectionsMax) }, async (app, load) => {
    await pause(500);
    const takers = await takeAll(app);
    await pause(longMs);
    await Promise.all(takers.map((taker) => taker.end({ timeout: 1 })));
    const backMs = performance.now();
    await pause(windowMs + 500);
    await load.finish();
    const window = lastFailureAfter(load.answers, backMs);
    report({
      fault: "Postgres' connections are all held by others (53300)",
      done: `for ${inSeconds(longMs)}, ${clients} clients`,
      bar: `503 alone, until <= ${inSeconds(windowMs)} after`,
      measured: `${failuresOf(load.answers).length} of ${load.answers.length} answers, ` +
        inSeconds(window),
      met: window <= barMs(windowMs),
    });
  });
});

Deno.test("an administrator who ends every connection ten times a second costs nobody what was answered", async () => {
  await withLoad({}, async ({ inspect: { sql } }, load) => {
    let ended = 0;
    const startedMs = performance.now();
    while (performance.now() - startedMs < longMs) {
      ended += (await sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'almanac'`).length;
      await pause(100);
    }
    const overMs = performance.now();
    await pause(windowMs + 500);
    await load.finish();
    const window = lastFailureAfter(load.answers, overMs);
    const refused = failuresOf(load.answers).length;
    report({
      fault: "Postgres' connections are ended by an administrator",
      done: `${ended} in ${inSeconds(longMs)}, ${clients} clients`,
      bar: `503 alone, until <= ${inSeconds(windowMs)} after`,
      measured: `${refused} of ${load.answers.length} answers, ${inSeconds(window)}`,
      met: window <= barMs(windowMs),
    });
  });
});

/** An app on a Postgres of its own, under load; afterwards all is as it was answered. */
async function withLoad(
  settings: Record<string, string>,
  work: (app: TestApp, load: Load) => Promise<void>,
): Promise<void> {
  await withOwnPostgres((own) =>
    withApp(async (app) => {
      const load = await startLoad(app, { clients });
      await work(app, load);
      assertAnswersAreSound(load.answers);
      await assertNoneLeaked(app);
      await assertOrdersAreKept(app, load);
      app.logged.splice(0);
    }, { database: own.newDatabase, env }), settings);
}

/** Takes one connection after the other, and has the app's ended until all are taken. */
async function takeAll({ inspect: { sql } }: TestApp): Promise<postgres.Sql[]> {
  const takers: postgres.Sql[] = [];
  const { host, port, user, pass, database } = sql.options;
  for (let refusals = 0; refusals < 20;) {
    const taker = postgres({
      host: host[0],
      port: port[0],
      username: user,
      password: pass as unknown as string,
      database,
      max: 1,
      fetch_types: false,
      onnotice: () => {},
      connection: { application_name: "taker" },
    });
    try {
      await taker`select 1`;
      takers.push(taker);
      refusals = 0;
    } catch {
      refusals++;
      await taker.end({ timeout: 0 });
      await sql`
        select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'almanac'`;
    }
  }
  return takers;
}
