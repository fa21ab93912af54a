import assert from "node:assert/strict";
import { onConstraint, type Sql } from "../../lib/database.ts";
import { isFailure } from "../../lib/errors.ts";
import {
  ada,
  identityOf,
  isUnavailable,
  person,
  raise,
  system,
  withDatabase,
} from "./database_world.ts";

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
