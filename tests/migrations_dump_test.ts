import assert from "node:assert/strict";
import postgres from "postgres";
import { dumpSchema } from "../migrations/mod.ts";
import { emptyDatabase } from "./support/database.ts";

/** An empty database with a table `things`, which names its columns and constraints like the migrations do. */
async function onThings(work: (url: string, sql: postgres.Sql) => Promise<void>) {
  const database = await emptyDatabase();
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(`
      do $$ begin create role almanac_app nologin; exception when duplicate_object or unique_violation then null; end $$;
      create table things (id integer primary key, name text, at timestamptz);
      create table sections (id integer, at timestamptz) partition by hash (id);
      create table days (id integer, at timestamptz) partition by range (at);
      create function plain(integer) returns integer language sql as 'select $1'`);
    await work(database.url, sql);
  } finally {
    await sql.end({ timeout: 1 });
    await database.drop();
  }
}

const changes: Record<string, string> = {
  "a table": "create table others ()",
  "an unlogged table": "create unlogged table scratch ()",
  "a column": "alter table things add column price numeric(12, 2)",
  "a column's type": "alter table things alter column id type bigint",
  "a column's collation": `alter table things alter column name type text collate "C"`,
  "a default": "alter table things alter column name set default 'x'",
  "not null": "alter table things alter column name set not null",
  "an identity": "alter table things alter column id add generated always as identity",
  "a generated column":
    "alter table things add column twice integer generated always as (id * 2) stored",
  "a check": "alter table things add constraint small check (id < 10)",
  "a unique constraint": "alter table things add constraint once unique (name)",
  "a foreign key": "alter table things add constraint self foreign key (id) references things",
  "an exclusion": "alter table things add exclude using btree (id with =)",
  "an index": "create index things_name on things (lower(name)) where id > 0",
  "a storage parameter": "alter table things set (fillfactor = 70)",
  "row security": "alter table things enable row level security",
  "forced row security": "alter table things force row level security",
  "a policy": "create policy own on things for select to almanac_app using (id = 1)",
  "a policy's condition": "alter policy own on things using (id = 2)",
  "a grant": "grant select on things to almanac_app",
  "a grant on a column": "grant update (name) on things to almanac_app",
  "a grant to everybody": "grant select on things to public",
  "a grant on a schema": "grant create on schema public to almanac_app",
  "default rights":
    "alter default privileges in schema public grant select on tables to almanac_app",
  "an owner":
    "grant create on schema public to almanac_app; alter table things owner to almanac_app",
  "a function": "create function f() returns integer language sql as 'select 1'",
  "a function's body": "create or replace function f() returns integer language sql as 'select 2'",
  "a right taken from everybody": "revoke execute on function plain from public",
  "a right to call": "grant execute on function plain to almanac_app",
  "a trigger":
    "create trigger t before update on things for each row execute function suppress_redundant_updates_trigger()",
  "a trigger switched off": "alter table things disable trigger t",
  "a partition by hash":
    "create table sections_0 partition of sections for values with (modulus 2, remainder 0)",
  "a sequence": "create sequence numbers increment by 2",
  "a right on a sequence": "grant usage on sequence numbers to almanac_app",
  "an enum": "create type mood as enum ('good')",
  "an enum's value": "alter type mood add value 'bad'",
  "a domain": "create domain small_integer as integer check (value < 10)",
  "a composite type": "create type pair as (a integer, b text)",
  "a range type": "create type integer_span as range (subtype = integer)",
  "a view": "create view names with (security_invoker = true) as select name from things",
  "a materialized view": "create materialized view counted as select count(*) from things",
  "statistics": "create statistics related on id, name from things",
  "a comment": "comment on column things.name is 'what it is called'",
  "a schema": "create schema apart",
  "an extension": "create extension pg_trgm",
};

Deno.test("dumpSchema() tells every kind of change apart", async () => {
  await onThings(async (url, sql) => {
    let before = await dumpSchema(url);
    for (const [what, statement] of Object.entries(changes)) {
      await sql.unsafe(statement);
      const after = await dumpSchema(url);
      assert.notEqual(after, before, `the dump does not tell ${what}`);
      before = after;
    }
  });
});

Deno.test("dumpSchema() answers the same text for the same schema, however it was reached", async () => {
  const reached = async (...statements: string[]) => {
    let dump = "";
    await onThings(async (url, sql) => {
      for (const statement of statements) await sql.unsafe(statement);
      dump = await dumpSchema(url);
    });
    return dump;
  };
  const index = "create index by_name on things (name)";
  const table =
    "create table others (id integer not null default 1, constraint positive check (id > 0))";
  const grant = "grant insert, select on things to almanac_app";
  assert.equal(
    await reached(index, table, grant),
    await reached(
      "grant select on things to almanac_app",
      "create table others (gone text, id bigint)",
      "alter table others add constraint positive check (id > 0)",
      "alter table others drop column gone, alter column id type integer",
      "alter table others alter column id set default 1, alter column id set not null",
      "grant insert on things to almanac_app",
      "drop table if exists nothing",
      index,
      "insert into things values (1, 'data is not schema', now())",
    ),
  );
});

Deno.test("dumpSchema() leaves out partitions by time, with which it would change from month to month", async () => {
  await onThings(async (url, sql) => {
    const before = await dumpSchema(url);
    await sql`create table days_2026 partition of days for values from ('2026-01-01') to ('2027-01-01')`;
    await sql`create index days_2026_own on days_2026 (id)`;
    await sql`grant select on days_2026 to almanac_app`;
    assert.equal(await dumpSchema(url), before);
  });
});
