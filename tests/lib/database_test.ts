import assert from "node:assert/strict";
import {
  type Database,
  type DatabaseOptions,
  onConstraint,
  openDatabase,
  type Session,
  type Sql,
} from "../../lib/database.ts";
import { isFailure } from "../../lib/errors.ts";
import { silentLog } from "../../lib/log.ts";
import { cloneDatabase } from "../support/database.ts";
import { type Inspector, openInspector } from "../support/inspector.ts";
import { pollUntil } from "../support/poll.ts";
import { refusingUrl } from "../support/raw_server.ts";
import { portOf, startTcpProxy, through } from "../support/tcp_proxy.ts";

const ada = "0190b0f0-0000-7000-8000-000000000001";
const person: Session = { role: "almanac_app", userId: ada, staff: false };
const system: Session = { role: "almanac_system", userId: "", staff: false };

interface World {
  url: string;
  inspect: Inspector;
  open(options?: Partial<DatabaseOptions>): Database;
}

async function withDatabase(work: (world: World) => Promise<void>): Promise<void> {
  const copy = await cloneDatabase();
  const inspect = openInspector(copy.url);
  await inspect.sql`create table notes (id integer primary key, text text not null default '')`;
  await inspect.sql`grant all on notes to almanac_app, almanac_system`;
  const opened: Database[] = [];
  const open = (options: Partial<DatabaseOptions> = {}) => {
    const database = openDatabase({
      url: copy.url,
      poolMax: 2,
      prepare: true,
      deadlineMs: 5_000,
      systemDeadlineMs: 5_000,
      log: silentLog,
      ...options,
    });
    opened.push(database);
    return database;
  };
  try {
    await work({ url: copy.url, inspect, open });
  } finally {
    for (const database of opened) await database.close();
    await inspect.close();
    await copy.drop();
  }
}

const isUnavailable = (error: unknown) => isFailure(error, "unavailable");
const raise = (sql: Sql, code: string) =>
  sql.unsafe(`do $$ begin raise exception 'on purpose' using errcode = '${code}'; end $$`);

interface Identity {
  role: string;
  login: string;
  user_id: string | null;
  staff: boolean;
}

async function identityOf(sql: Sql): Promise<Identity | undefined> {
  const [row] = await sql<Identity[]>`
    select current_user as role, session_user as login, app_user_id() as user_id,
           app_is_staff() as staff`;
  return row;
}

for (const prepare of [true, false]) {
  Deno.test(`the first statement of a transaction already runs as its session's role and person (prepare: ${prepare})`, async () => {
    await withDatabase(async ({ open }) => {
      const database = open({ poolMax: 1, prepare });
      const seen = await database.transaction({ ...person, staff: true }, identityOf);
      assert.equal(seen?.role, "almanac_app");
      assert.notEqual(seen?.login, "almanac_app");
      assert.equal(seen?.user_id, ada);
      assert.equal(seen?.staff, true);
      // The same connection, next: nothing of the person before is left on it.
      const after = await database.transaction(system, identityOf);
      assert.deepEqual({ ...after }, {
        role: "almanac_system",
        login: seen?.login,
        user_id: null,
        staff: false,
      });
    });
  });
}

Deno.test("many transactions at once over few connections never see each other's person", async () => {
  await withDatabase(async ({ open }) => {
    const database = open();
    const ids = Array.from(
      { length: 24 },
      (_, n) => `0190b0f0-0000-7000-8000-${String(n).padStart(12, "0")}`,
    );
    const seen = await Promise.all(
      ids.map((userId) => database.transaction({ ...person, userId }, identityOf)),
    );
    assert.deepEqual(seen.map((row) => row?.user_id), ids);
  });
});

Deno.test("what a transaction throws comes out as it is, and nothing of it is kept", async () => {
  await withDatabase(async ({ open, inspect }) => {
    const error = new Error("mine");
    const failing = open().transaction(person, async (sql) => {
      await sql`insert into notes values (1)`;
      throw error;
    });
    await assert.rejects(failing, (thrown) => thrown === error);
    assert.equal((await inspect.sql`select from notes`).length, 0);
  });
});

Deno.test("a serialisation failure or a deadlock is tried again, thrice in all", async () => {
  await withDatabase(async ({ open, inspect }) => {
    const database = open();
    for (const [index, code] of ["40001", "40P01"].entries()) {
      let tries = 0;
      await database.transaction(person, async (sql) => {
        await sql`insert into notes values (${index})`;
        if (++tries < 3) await raise(sql, code);
      });
      assert.equal(tries, 3, code);
      assert.equal((await inspect.sql`select from notes where id = ${index}`).length, 1);
      tries = 0;
      const hopeless = database.transaction(person, (sql) => (tries++, raise(sql, code)));
      await assert.rejects(hopeless, isUnavailable);
      assert.equal(tries, 3, code);
    }
  });
});

Deno.test("two transactions that deadlock both succeed", async () => {
  await withDatabase(async ({ open, inspect }) => {
    await inspect.sql`insert into notes values (1), (2)`;
    const database = open();
    const held = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const inOrder = (first: number, second: number, mine: number) =>
      database.transaction(person, async (sql) => {
        await sql`update notes set text = text || ${`${mine}`} where id = ${first}`;
        held[mine]?.resolve();
        await held[1 - mine]?.promise;
        await sql`update notes set text = text || ${`${mine}`} where id = ${second}`;
      });
    await Promise.all([inOrder(1, 2, 0), inOrder(2, 1, 1)]);
    const rows = await inspect.sql`select text from notes`;
    for (const { text } of rows) assert.equal([...text].sort().join(""), "01");
  });
});

/** What Postgres says where trying later can help. */
const away = [
  "08006",
  "25006",
  "25P03",
  "53100",
  "53200",
  "53300",
  "55P03",
  "57014",
  "57P01",
  "57P02",
  "57P03",
];

Deno.test("what trying later can mend is unavailable, with its cause for the log; everything else stays what it is", async () => {
  await withDatabase(async ({ open }) => {
    const database = open();
    for (const code of away) {
      const failing = database.transaction(person, (sql) => raise(sql, code));
      await assert.rejects(failing, (error) => {
        const cause = (error as Error).cause as { code?: string };
        return isUnavailable(error) && cause.code === code;
      }, code);
    }
    for (const code of ["23505", "42501", "22021", "P0001"]) {
      const failing = database.transaction(person, (sql) => raise(sql, code));
      await assert.rejects(failing, { code }, code);
    }
  });
});

Deno.test("a violated constraint is the failure that its store names, and another one is not", async () => {
  await withDatabase(async ({ open }) => {
    const insert = (codes: Parameters<typeof onConstraint>[0]) =>
      open().transaction(
        person,
        (sql) => sql`insert into notes values (1), (1)`.catch(onConstraint(codes)),
      );
    await assert.rejects(
      insert({ notes_pkey: "conflict" }),
      (error) => isFailure(error, "conflict"),
    );
    await assert.rejects(insert({ other_pkey: "conflict" }), { code: "23505" });
  });
});

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

Deno.test("a handle kept beyond its transaction reaches nothing, whoever has the connection by then", async () => {
  await withDatabase(async ({ open, inspect }) => {
    const database = open({ poolMax: 1 });
    let kept: Sql | undefined;
    const slow = Promise.withResolvers<void>();
    const failing = database.transaction(person, async (sql) => {
      kept = sql;
      // The second half goes on after the first has failed the transaction.
      await Promise.all([
        raise(sql, "P0001"),
        slow.promise.then(() => sql`insert into notes values (1)`),
      ]);
    });
    await assert.rejects(failing, { code: "P0001" });
    await database.transaction(system, async (sql) => {
      slow.resolve();
      await sql`insert into notes values (2)`;
      assert.throws(() => kept?.unsafe("insert into notes values (3)"), /outside/);
    });
    assert.deepEqual([...await inspect.sql`select id from notes`], [{ id: 2 }]);
  });
});

Deno.test("a transaction in which a statement failed is never told to be committed", async () => {
  await withDatabase(async ({ open, inspect }) => {
    const swallowing = open().transaction(person, async (sql) => {
      await sql`insert into notes values (1)`;
      await raise(sql, "P0001").catch(() => {});
    });
    await assert.rejects(swallowing, /a statement had failed/);
    assert.equal((await inspect.sql`select from notes`).length, 0);
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
      // Nobody waits for an answer while the connection closes; what is said afterwards must not reach another one.
      await pollUntil("the loss to be noticed", async () => {
        const said = await sql`insert into notes values (3)`.then(() => false, () => true);
        return said;
      });
      await sql`insert into notes values (4)`;
    });
    await assert.rejects(ended, isUnavailable);
    other.resolve();
    await healthy;
    const rows = await inspect.sql`select id from notes order by id`;
    assert.deepEqual([...rows], [{ id: 1 }, { id: 2 }]);
  });
});

Deno.test("a server that ends every connection costs the transactions on them and no more", async () => {
  await withDatabase(async ({ open, inspect }) => {
    const database = open({ poolMax: 5 });
    const started = Promise.withResolvers<void>();
    let running = 0;
    const cutOff = Array.from({ length: 12 }, () =>
      database.transaction(person, async (sql) => {
        await sql`select 1`;
        if (++running === 5) started.resolve();
        await sql`select pg_sleep(1)`;
      }));
    const outcome = Promise.allSettled(cutOff);
    await started.promise;
    await inspect.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'almanac'`;
    const failed = (await outcome).filter(({ status }) => status === "rejected");
    assert.equal(failed.length, 5);
    for (const one of failed) assert.ok(one.status === "rejected" && isUnavailable(one.reason));
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
