import assert from "node:assert/strict";
import type { Sql } from "../lib/database.ts";
import { type Actor, inTransaction } from "../services/ctx.ts";
import { personalTables } from "../services/personal_data.ts";
import { type SignedUp, type TestApp, withApp } from "./support/app.ts";
import { examplePlan } from "./services/plans/example_plan.ts";

const tables = Object.keys(personalTables).toSorted();

/** Personal tables from which a request reads nothing, whosever it is: they are for jobs and for sign-in. */
const unreadable = ["audit_log", "receipts", "suppressions"];

Deno.test("both roles of the application are under row-level security, and own nothing that would lift it", async () => {
  await withApp(async (app) => {
    const roles = await app.inspect.sql`
      select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin from pg_roles
      where rolname in ('almanac_app', 'almanac_system') order by 1`;
    assert.equal(roles.length, 2);
    for (const { rolname, ...rights } of roles) {
      for (const [right, held] of Object.entries(rights)) {
        assert.equal(held, false, `${rolname} ${right}`);
      }
    }
    const owned = await app.inspect.sql`
      select relname from pg_class where relowner in (select oid from pg_roles where rolname ~ '^almanac_')`;
    assert.deepEqual([...owned], []);
    const memberships = await app.inspect.sql`
      select from pg_auth_members
      where member in (select oid from pg_roles where rolname in ('almanac_app', 'almanac_system'))`;
    assert.equal(memberships.length, 0, "neither can become the other");
  });
});

Deno.test("every table that names a person forces row-level security, and is registered as personal", async () => {
  await withApp(async (app) => {
    const found = await app.inspect.sql<{ name: string; forced: boolean; enabled: boolean }[]>`
      select c.relname as name, c.relforcerowsecurity as forced, c.relrowsecurity as enabled
      from pg_class c
      where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
        and (c.relname = any(${tables}) or exists (
          select from pg_attribute a
          where a.attrelid = c.oid and a.attname in ('user_id', 'subject_id') and not a.attisdropped))
      order by 1`;
    assert.deepEqual(found.map(({ name }) => name), tables);
    for (const { name, forced, enabled } of found) assert.ok(forced && enabled, name);
  });
});

Deno.test("no table that a request reaches is open to every person, but for the one that asks for work", async () => {
  await withApp(async (app) => {
    const open = await app.inspect.sql<{ name: string }[]>`
      select c.relname as name from pg_class c
      where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and not c.relrowsecurity
        and (has_table_privilege('almanac_app', c.oid, 'select, insert, update, delete')
          or has_any_column_privilege('almanac_app', c.oid, 'select, insert, update'))
      order by 1`;
    assert.deepEqual(open.map(({ name }) => name), ["outbox"]);
  });
});

Deno.test("in every personal table a person sees their own rows and nobody else's; without a person there are none", async () => {
  await withApp(async (app) => {
    const people = [await furnish(app, "ada"), await furnish(app, "bob")];
    for (const table of tables) {
      if (unreadable.includes(table)) continue;
      const columns = await readableColumns(app, table);
      assert.ok(columns.length > 0, `${table}: put it on the list of what no request reads`);
      const [ada = [], bob = []] = await Promise.all(
        people.map(({ userId }) => rowsSeen(app, personOf(userId), table, columns)),
      );
      assert.ok(ada.length > 0 && bob.length > 0, `${table}: furnish() gives it no rows`);
      assert.deepEqual(ada.filter((row) => bob.includes(row)), [], table);
      const everybody = await rowsSeen(app, { kind: "anonymous" }, table, columns);
      assert.deepEqual(everybody, [], table);
    }
  });
});

Deno.test("the tables that no request reads cannot be read by one, by any column", async () => {
  await withApp(async (app) => {
    const { userId } = await furnish(app, "ada");
    for (const table of unreadable) {
      const reading = asPerson(app, userId, (sql) => sql`select count(*) from ${sql(table)}`);
      await assert.rejects(reading, { code: "42501" }, table);
    }
  });
});

Deno.test("a person changes and deletes no row of another, whatever the statement says", async () => {
  await withApp(async (app) => {
    const ada = await furnish(app, "ada");
    await furnish(app, "bob");
    let changed = 0;
    for (const table of tables) {
      const columns = await readableColumns(app, table);
      const seen = columns.length === 0
        ? []
        : await rowsSeen(app, personOf(ada.userId), table, columns);
      for (const column of await columnsOf(app, table, "update")) {
        const touched = await rolledBack(app, ada.userId, async (sql) => {
          return (await sql`update ${sql(table)} set ${sql(column)} = ${sql(column)} returning 1`)
            .length;
        });
        // Where no row can be read, none can be named to be changed.
        if (touched === "42501") continue;
        assert.equal(touched, seen.length, `${table}.${column}`);
        changed++;
      }
      const deleted = await rolledBack(app, ada.userId, async (sql) => {
        return (await sql`delete from ${sql(table)} returning 1`).length;
      });
      assert.ok(deleted === "42501" || deleted === seen.length, `${table}: ${deleted}`);
    }
    assert.ok(changed > 20, `${changed}`);
  });
});

Deno.test("a person writes no row in another's name", async () => {
  await withApp(async (app) => {
    const [ada, bob] = [await furnish(app, "ada"), await furnish(app, "bob")];
    let tried = 0;
    for (const table of tables) {
      const [theirs] = await app.inspect.sql<{ row: Record<string, unknown> }[]>`
        select to_jsonb(t) as row from ${app.inspect.sql(table)} t
        where to_jsonb(t) ->> ${table === "users" ? "id" : "user_id"} = ${bob.userId} limit 1`;
      if (theirs === undefined) continue;
      const copy = { ...theirs.row, ...("id" in theirs.row ? { id: crypto.randomUUID() } : {}) };
      const forging = rolledBack(app, ada.userId, async (sql) => {
        await sql`
          insert into ${sql(table)}
          select * from jsonb_populate_record(null::${sql(table)}, ${sql.json(copy as never)})`;
        return "written";
      });
      assert.equal(await forging, "42501", table);
      tried++;
    }
    assert.ok(tried >= 9, `${tried}`);
  });
});

/** A person with a row in every table that a request reads. */
async function furnish(app: TestApp, name: string): Promise<SignedUp> {
  const person = await app.signUp(name);
  const { token, userId } = person;
  const headers = { "if-match": "*", "idempotency-key": "furnish" };
  const send = async (method: string, path: string, json: unknown) => {
    const response = await app.request(path, { method, token, json, headers });
    assert.ok(response.ok, `${path}: ${response.status} ${await response.clone().text()}`);
    return await response.json();
  };
  await send("PATCH", "/v1/preferences", { locale: "de" });
  const { id } = await send("POST", "/v1/plans", examplePlan);
  await send("POST", `/v1/plans/${id}/simulations`, { paths: 1_000 });
  await send("POST", "/v1/watchlists", { name: "Mine", symbols: ["AAPL"] });
  await send("POST", "/v1/api-keys", { name: "report", scopes: ["plans:read"] });
  const alert = await send("POST", "/v1/alerts", {
    kind: "price",
    symbol: "AAPL",
    direction: "above",
    level: "100000",
  });
  // It would take a price to cross the level.
  await app.inspect.sql`
    insert into alert_events (id, alert_id, user_id, at, price, level, source, as_of)
    values (gen_random_uuid(), ${alert.id}, ${userId}, now(), 1, 1, 'demo', now())`;
  await app.settle();
  return person;
}

function personOf(userId: string): Actor {
  return {
    kind: "person",
    userId,
    sessionId: userId,
    role: "client",
    permissions: new Set(),
    expiresAtMs: 0,
  };
}

/** In one transaction as a person, by the way that every verb takes. */
async function asActor<T>(app: TestApp, actor: Actor, work: (sql: Sql) => Promise<T>): Promise<T> {
  const ctx = { ...app.deps.context("test", { address: "", userAgent: "" }), actor };
  return await inTransaction(ctx, ({ sql }) => work(sql));
}

const asPerson = <T>(app: TestApp, userId: string, work: (sql: Sql) => Promise<T>) =>
  asActor(app, personOf(userId), work);

/** What `work` answers, or the code with which Postgres refuses it; nothing of it is kept. */
async function rolledBack<T>(app: TestApp, userId: string, work: (sql: Sql) => Promise<T>) {
  let answer: T | undefined;
  const undo = new Error("undo");
  try {
    await asPerson(app, userId, async (sql) => {
      answer = await work(sql);
      throw undo;
    });
  } catch (error) {
    if (error !== undo) return (error as { code?: string }).code;
  }
  return answer;
}

async function rowsSeen(
  app: TestApp,
  actor: Actor,
  table: string,
  columns: string[],
): Promise<string[]> {
  return await asActor(app, actor, async (sql) => {
    const rows = await sql`select ${sql(columns)} from ${sql(table)}`;
    return rows.map((row) => JSON.stringify(row));
  });
}

const readableColumns = (app: TestApp, table: string) => columnsOf(app, table, "select");

async function columnsOf(app: TestApp, table: string, privilege: string): Promise<string[]> {
  const rows = await app.inspect.sql<{ name: string }[]>`
    select attname as name from pg_attribute
    where attrelid = ${table}::regclass and attnum > 0 and not attisdropped
      and has_column_privilege('almanac_app', attrelid, attnum, ${privilege})
    order by attnum`;
  return rows.map(({ name }) => name);
}
