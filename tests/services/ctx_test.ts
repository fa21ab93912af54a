import assert from "node:assert/strict";
import { type Database, openDatabase } from "../../lib/database.ts";
import { createLog, type Log } from "../../lib/log.ts";
import {
  type Actor,
  asSystem,
  type InTransaction,
  inTransaction,
  type Person,
} from "../../services/ctx.ts";
import { cloneDatabase } from "../support/database.ts";
import { type Inspector, openInspector } from "../support/inspector.ts";

interface SmallCtx {
  actor: Actor;
  database: Database;
  log: Log;
}

interface World {
  ctx: SmallCtx;
  inspect: Inspector;
  logged: string[];
}

async function withCtx(work: (world: World) => Promise<void>): Promise<void> {
  const copy = await cloneDatabase();
  const inspect = openInspector(copy.url);
  await inspect.sql`create table notes (id integer primary key)`;
  await inspect.sql`grant all on notes to almanac_app, almanac_system`;
  const logged: string[] = [];
  const log = createLog({
    level: "warn",
    format: "json",
    now: Date.now,
    write: (text) => logged.push(text),
  });
  const deadlines = { deadlineMs: 5_000, systemDeadlineMs: 5_000 };
  const database = openDatabase({ url: copy.url, poolMax: 3, prepare: true, log, ...deadlines });
  try {
    await work({ ctx: { actor: { kind: "anonymous" }, database, log }, inspect, logged });
  } finally {
    await database.close();
    await inspect.close();
    await copy.drop();
  }
}

const note = ({ sql }: InTransaction, id: number) => sql`insert into notes values (${id})`;

async function notes({ sql }: Inspector): Promise<number[]> {
  return (await sql<{ id: number }[]>`select id from notes order by id`).map(({ id }) => id);
}

Deno.test("what is to happen after the commit happens once, in order, when everybody can see the rows", async () => {
  await withCtx(async ({ ctx, inspect }) => {
    const seen: unknown[] = [];
    const result = await inTransaction(ctx, async (tx) => {
      tx.afterCommit(async () => seen.push("first", await notes(inspect)));
      tx.afterCommit(() => seen.push("second"));
      await note(tx, 1);
      assert.deepEqual(await notes(inspect), []);
      return "result";
    });
    assert.equal(result, "result");
    assert.deepEqual(seen, ["first", [1], "second"]);
  });
});

Deno.test("what is to happen after the commit does not happen where there is none", async () => {
  await withCtx(async ({ ctx, inspect }) => {
    let ran = 0;
    const failing = inTransaction(ctx, async (tx) => {
      tx.afterCommit(() => ran++);
      await note(tx, 1);
      throw new Error("changed my mind");
    });
    await assert.rejects(failing, /changed my mind/);
    assert.equal(ran, 0);
    assert.deepEqual(await notes(inspect), []);
  });
});

Deno.test("a transaction that is tried again runs what its last try has asked for, and nothing of the tries before", async () => {
  await withCtx(async ({ ctx, inspect }) => {
    const ran: number[] = [];
    let tries = 0;
    await inTransaction(ctx, async (tx) => {
      const own = ++tries;
      tx.afterCommit(() => ran.push(own));
      await note(tx, own);
      if (own < 3) {
        await tx.sql`do $$ begin raise exception using errcode = '40001'; end $$`;
      }
    });
    assert.deepEqual(ran, [3]);
    assert.deepEqual(await notes(inspect), [3]);
  });
});

Deno.test("an error after the commit is logged, and neither fails the verb nor keeps the next from running", async () => {
  await withCtx(async ({ ctx, inspect, logged }) => {
    let ran = 0;
    await inTransaction(ctx, async (tx) => {
      tx.afterCommit(() => Promise.reject(new Error("a canary")));
      tx.afterCommit(() => ran++);
      await note(tx, 1);
    });
    ctx.log.flush();
    assert.equal(ran, 1);
    assert.deepEqual(await notes(inspect), [1]);
    assert.match(logged.join("\n"), /a canary/);
  });
});

Deno.test("a verb inside a transaction joins it: both commit, or neither does", async () => {
  await withCtx(async ({ ctx, inspect }) => {
    const ran: string[] = [];
    const inner = (outer: SmallCtx) =>
      inTransaction(outer, async (tx) => {
        tx.afterCommit(() => ran.push("inner"));
        await note(tx, 2);
      });
    await assert.rejects(
      inTransaction(ctx, async (tx) => {
        await inner(tx);
        throw new Error("outer");
      }),
      /outer/,
    );
    assert.deepEqual([await notes(inspect), ran], [[], []]);
    await inTransaction(ctx, async (tx) => {
      tx.afterCommit(() => ran.push("outer"));
      await note(tx, 1);
      await inner(tx);
      assert.deepEqual(ran, [], "the inner verb's end is no commit");
    });
    assert.deepEqual(await notes(inspect), [1, 2]);
    assert.deepEqual(ran, ["outer", "inner"]);
  });
});

Deno.test("what is written last is written once, with all that every verb of the transaction had to add, before anybody sees a row", async () => {
  await withCtx(async ({ ctx, inspect }) => {
    const written: number[][] = [];
    const write = async (sql: InTransaction["sql"], ids: number[]) => {
      assert.deepEqual(await notes(inspect), []);
      written.push(ids);
      await sql`insert into notes select * from unnest(${ids}::int[])`;
    };
    await inTransaction(ctx, async (tx) => {
      tx.beforeCommit(write, 1);
      await inTransaction({ ...tx }, (inner) => Promise.resolve(inner.beforeCommit(write, 2)));
      await note(tx, 4);
      tx.beforeCommit(write, 3);
    });
    assert.deepEqual(written, [[1, 2, 3]]);
    assert.deepEqual(await notes(inspect), [1, 2, 3, 4]);
  });
});

Deno.test("what is written last begins anew with each try, does not happen in what fails, and undoes what it fails in", async () => {
  await withCtx(async ({ ctx, inspect }) => {
    const written: number[][] = [];
    const write = (_: unknown, ids: number[]) => Promise.resolve(void written.push(ids));
    let tries = 0;
    await inTransaction(ctx, async (tx) => {
      tx.beforeCommit(write, ++tries);
      if (tries < 3) await tx.sql`do $$ begin raise exception using errcode = '40001'; end $$`;
    });
    assert.deepEqual(written, [[3]]);
    const failing = inTransaction(ctx, (tx) => {
      tx.beforeCommit(write, 4);
      return Promise.reject(new Error("changed my mind"));
    });
    await assert.rejects(failing, /changed my mind/);
    assert.deepEqual(written, [[3]]);
    const undone = inTransaction(ctx, async (tx) => {
      await note(tx, 5);
      tx.afterCommit(() => assert.fail("there was no commit"));
      tx.beforeCommit(() => Promise.reject(new Error("not written")), 5);
    });
    await assert.rejects(undone, /not written/);
    assert.deepEqual(await notes(inspect), []);
  });
});

const ada = "0190b0f0-0000-7000-8000-000000000001";

function personWith(...permissions: string[]): Person {
  return {
    kind: "person",
    userId: ada,
    sessionId: ada,
    role: "client",
    permissions: new Set(permissions),
    expiresAtMs: 0,
  };
}

Deno.test("a transaction acts as the context's actor: nobody, a person, staff, or the system", async () => {
  await withCtx(async ({ ctx }) => {
    const identity = async (actor: Actor) => {
      const [row] = await inTransaction(
        { ...ctx, actor },
        ({ sql }) =>
          sql`select current_user::text as role, app_user_id() as user_id, app_is_staff() as staff`,
      );
      return { ...row };
    };
    const anonymous = await identity({ kind: "anonymous" });
    assert.deepEqual(anonymous, { role: "almanac_app", user_id: null, staff: false });
    const person = await identity(personWith("plans:read"));
    assert.deepEqual(person, { role: "almanac_app", user_id: ada, staff: false });
    const staff = await identity(personWith("people:read"));
    assert.deepEqual(staff, { role: "almanac_app", user_id: ada, staff: true });
    const system = await identity(asSystem({ ...ctx, actor: personWith() }, "some_verb").actor);
    assert.deepEqual(system, { role: "almanac_system", user_id: null, staff: false });
  });
});

Deno.test("whoever joins a transaction as the system keeps the role that the transaction began with", async () => {
  await withCtx(async ({ ctx }) => {
    await inTransaction({ ...ctx, actor: personWith() }, async (tx) => {
      const [row] = await inTransaction(
        asSystem(tx, "some_verb"),
        ({ sql }) => sql`select current_user::text as role`,
      );
      assert.equal(row?.role, "almanac_app");
    });
  });
});
