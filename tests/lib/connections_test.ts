import assert from "node:assert/strict";
import { pause } from "../../lib/time.ts";
import { pollUntil } from "../support/poll.ts";
import { refusingUrl } from "../support/raw_server.ts";
import { portOf, startTcpProxy, through } from "../support/tcp_proxy.ts";
import { identityOf, isUnavailable, person, system, withDatabase } from "./database_world.ts";

Deno.test("a statement that takes longer than the deadline is cancelled in Postgres", async () => {
  await withDatabase(async ({ open, inspect }) => {
    const database = open({ deadlineMs: 300 });
    const startedMs = performance.now();
    const slow = database.transaction(person, (sql) => sql`select pg_sleep(20)`);
    await assert.rejects(slow, isUnavailable);
    assert.ok(performance.now() - startedMs < 2_500);
    await pollUntil("the end of the statement", async () => {
      const running = await inspect.sql`
        select from pg_stat_activity where query like '%pg_sleep(20)%' and state = 'active'
        and pid <> pg_backend_pid() and datname = current_database()`;
      return running.length === 0;
    });
  });
});

Deno.test("a transaction that has missed its deadline is not committed afterwards", async () => {
  await withDatabase(async ({ open, inspect }) => {
    const database = open({ deadlineMs: 100, poolMax: 1 });
    const late = Promise.withResolvers<void>();
    const missed = database.transaction(person, async (sql) => {
      await sql`insert into notes values (1)`;
      await late.promise;
    });
    await assert.rejects(missed, isUnavailable);
    late.resolve();
    // The only connection is free again once that transaction is over.
    await pollUntil(
      "the connection",
      () => database.transaction(person, () => Promise.resolve(true)).catch(() => false),
    );
    assert.equal((await inspect.sql`select from notes`).length, 0);
  });
});

Deno.test("nobody at the address, or nobody who answers there, is unavailable before long", async () => {
  await withDatabase(async ({ open, url }) => {
    const nowhere = Object.assign(new URL(url), { port: new URL(refusingUrl()).port }).href;
    await assert.rejects(open({ url: nowhere }).transaction(person, identityOf), isUnavailable);
    await using proxy = startTcpProxy(portOf(url));
    proxy.silence("silent");
    const database = open({ url: through(proxy, url), deadlineMs: 200 });
    const startedMs = performance.now();
    await assert.rejects(database.transaction(person, identityOf), isUnavailable);
    assert.ok(performance.now() - startedMs < 1_500);
  });
});

Deno.test("connections that have gone silent are replaced, and the next transaction gets through", async () => {
  await withDatabase(async ({ open, url }) => {
    await using proxy = startTcpProxy(portOf(url));
    const database = open({ url: through(proxy, url), deadlineMs: 200 });
    const ask = () => database.transaction(person, identityOf);
    await Promise.all([ask(), ask()]);
    proxy.silence("pass");
    const silentMs = performance.now();
    const tries = await Promise.allSettled(Array.from({ length: 12 }, ask));
    for (const tried of tries) {
      assert.ok(tried.status === "rejected" && isUnavailable(tried.reason));
    }
    assert.equal((await ask())?.role, "almanac_app");
    assert.ok(performance.now() - silentMs < 5_000);
    // The two that were silent are replaced, and whoever waited for them meanwhile replaces nothing else.
    await Promise.all([ask(), ask(), ask()]);
    await pollUntil("the silent ones to be closed", () => proxy.hungUp() === 2);
    assert.ok(proxy.taken() <= 4, `${proxy.taken()} connections`);
  });
});

Deno.test("a lock whose holder has gone silent is free again after the deadline", async () => {
  await withDatabase(async ({ open, url, inspect: { sql: inspect } }) => {
    await using proxy = startTcpProxy(portOf(url));
    const database = open({ url: through(proxy, url), deadlineMs: 300 });
    const lost = database.transaction(person, async (sql) => {
      await sql`select pg_advisory_xact_lock(4711)`;
      proxy.silence("pass");
      await sql`select 1`;
    });
    await assert.rejects(lost, isUnavailable);
    await pollUntil("the lock", async () => {
      const [row] = await inspect<{ free: boolean }[]>`
        select pg_try_advisory_xact_lock(4711) as free`;
      return row?.free ?? false;
    }, 4_000);
  });
});

Deno.test("connections that the server closes cost at most the transactions on them", async () => {
  await withDatabase(async ({ open, url }) => {
    await using proxy = startTcpProxy(portOf(url));
    const database = open({ url: through(proxy, url) });
    const ask = () => database.transaction(person, identityOf);
    await Promise.all([ask(), ask()]);
    const cutOff = database.transaction(person, (sql) => {
      const answer = sql`select pg_sleep(10)`;
      proxy.cut();
      return answer;
    });
    await assert.rejects(cutOff, isUnavailable);
    assert.equal((await ask())?.role, "almanac_app");
  });
});

Deno.test("a connection that ends between two statements ends that transaction alone", async () => {
  await withDatabase(async ({ open, inspect }) => {
    const database = open();
    const other = Promise.withResolvers<void>();
    const healthy = database.transaction(person, async (sql) => {
      await sql`insert into notes values (1)`;
      await other.promise;
      await sql`insert into notes values (2)`;
    });
    const ended = database.transaction(person, async (sql) => {
      const [own] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
      await inspect.sql`select pg_terminate_backend(${own?.pid ?? 0}, 2000)`;
      // One statement in each turn of the event loop, so that one meets the very moment of the loss.
      for (let turns = 0; turns < 10_000; turns++) {
        sql`insert into notes values (3)`.catch(() => {});
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    await assert.rejects(ended, isUnavailable);
    other.resolve();
    await healthy;
    const rows = await inspect.sql`select id from notes order by id`;
    assert.deepEqual([...rows], [{ id: 1 }, { id: 2 }]);
  });
});

Deno.test("a server that ends every connection costs nobody a transaction that was not to be committed yet", async () => {
  await withDatabase(async ({ open, inspect }) => {
    const database = open({ poolMax: 5 });
    const started = Promise.withResolvers<void>();
    let running = 0;
    const cutOff = Array.from(
      { length: 12 },
      (_, id) =>
        database.transaction(person, async (sql) => {
          await sql`insert into notes values (${id})`;
          if (++running === 5) started.resolve();
          await sql`select pg_sleep(0.5)`;
        }),
    );
    await started.promise;
    await inspect.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'almanac'`;
    await Promise.all(cutOff);
    assert.equal(running, 12 + 5, "five were done again");
    assert.equal((await inspect.sql`select from notes`).length, 12);
    assert.equal((await database.transaction(person, identityOf))?.role, "almanac_app");
  });
});

Deno.test("more transactions than connections wait for their turn and all get one", async () => {
  await withDatabase(async ({ open, inspect }) => {
    const database = open({ poolMax: 3 });
    const ids = Array.from({ length: 60 }, (_, id) => id);
    await Promise.all(
      ids.map((id) => database.transaction(person, (sql) => sql`insert into notes values (${id})`)),
    );
    assert.equal((await inspect.sql`select from notes`).length, ids.length);
    const used = await inspect.sql`
      select from pg_stat_activity
      where datname = current_database() and application_name = 'almanac'`;
    assert.ok(used.length <= 3);
  });
});

Deno.test("a database that was closed connects to nothing any more", async () => {
  await withDatabase(async ({ open, inspect }) => {
    const database = open();
    await database.transaction(person, identityOf);
    await database.close();
    await assert.rejects(database.transaction(person, identityOf), isUnavailable);
    const left = await inspect.sql`
      select from pg_stat_activity
      where datname = current_database() and application_name = 'almanac'`;
    assert.equal(left.length, 0);
  });
});

Deno.test("a transaction whose COMMIT got no answer is not done again: nobody knows whether it was done", async () => {
  await withDatabase(async ({ open, url, inspect }) => {
    await using proxy = startTcpProxy(portOf(url));
    await inspect.sql`
      create function hang_up() returns trigger language plpgsql
      as $$ begin perform pg_sleep(0.5); return null; end $$`;
    await inspect.sql`
      create constraint trigger slow_commit after insert on notes deferrable initially deferred
      for each row execute function hang_up()`;
    const database = open({ url: through(proxy, url) });
    let tries = 0;
    const unknown = database.transaction(person, async (sql) => {
      tries++;
      await sql`insert into notes values (1)`;
      // By then COMMIT is on its way, and Postgres at work on it.
      setTimeout(() => proxy.cut(), 200);
    });
    await assert.rejects(unknown, isUnavailable);
    assert.equal(tries, 1);
    await pollUntil("the commit", async () => (await inspect.sql`select from notes`).length === 1);
  });
});

Deno.test("a Postgres that is away for less than a second keeps people waiting, and one that is away for longer does not", async () => {
  await withDatabase(async ({ open, url }) => {
    const nowhere = Object.assign(new URL(url), { port: new URL(refusingUrl()).port }).href;
    const database = open({ url: nowhere });
    const tookMs = async () => {
      const startedMs = performance.now();
      await assert.rejects(database.transaction(person, identityOf), isUnavailable);
      return performance.now() - startedMs;
    };
    const first = await tookMs();
    assert.ok(first > 800 && first < 3_000, `${first} ms`);
    assert.ok(await tookMs() < 500, "whoever comes later is told at once");
  });
});

Deno.test("whoever stands before Postgres and hangs up is asked again after a pause, not as often as he can hang up", async () => {
  await withDatabase(async ({ open, url }) => {
    await using proxy = startTcpProxy(Number(new URL(refusingUrl()).port));
    const database = open({ url: through(proxy, url) });
    await assert.rejects(database.transaction(person, identityOf), isUnavailable);
    assert.ok(proxy.taken() < 50, `${proxy.taken()} connections`);
    assert.deepEqual(database.pool(), { inUse: 0, idle: 0, max: 2, waiting: 0 });
    const before = proxy.taken();
    await pause(300);
    assert.equal(proxy.taken(), before, "nobody connects for nobody");
  });
});

Deno.test("a job that is given a connection which has gone silent waits a deadline of requests, not its own", async () => {
  await withDatabase(async ({ open, url }) => {
    await using proxy = startTcpProxy(portOf(url));
    const database = open({ url: through(proxy, url), deadlineMs: 300, systemDeadlineMs: 20_000 });
    await database.transaction(system, identityOf);
    proxy.silence("pass");
    const startedMs = performance.now();
    assert.equal((await database.transaction(system, identityOf))?.role, "almanac_system");
    assert.ok(performance.now() - startedMs < 3_000);
  });
});

Deno.test("where one connection has gone silent, those that lie free are replaced before they cost anybody a deadline", async () => {
  await withDatabase(async ({ open, url }) => {
    await using proxy = startTcpProxy(portOf(url));
    const database = open({ url: through(proxy, url), deadlineMs: 500, poolMax: 5 });
    const allIn = Promise.withResolvers<void>();
    let count = 0;
    const hold = () =>
      database.transaction(person, async (sql) => {
        await sql`select 1`;
        if (++count === 5) allIn.resolve();
        await allIn.promise;
      });
    await Promise.all(Array.from({ length: 5 }, hold));
    proxy.silence("pass");
    await assert.rejects(database.transaction(person, identityOf), isUnavailable);
    assert.equal((await database.transaction(person, identityOf))?.role, "almanac_app");
    await pollUntil("the silent ones to be closed", () => proxy.hungUp() === 5);
  });
});
