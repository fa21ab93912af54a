import assert from "node:assert/strict";
import { join } from "node:path";
import postgres from "postgres";
import { migrate, MigrationError, status } from "../migrations/mod.ts";
import { emptyDatabase } from "./support/database.ts";
import { pollUntil } from "./support/poll.ts";

const header = "-- Why: a test.\n-- Locks: none.\n-- Old code: there is none.\n";

interface Ground {
  url: string;
  folder: string;
  sql: postgres.Sql;
  /** Writes a migration with a good header. */
  write(name: string, body: string): Promise<void>;
  migrate(): ReturnType<typeof migrate>;
}

/** An empty database, an empty folder, and a connection to look with. */
async function onGround(work: (ground: Ground) => Promise<void>) {
  const [database, folder] = await Promise.all([emptyDatabase(), Deno.makeTempDir()]);
  const { url } = database;
  const sql = postgres(url, { max: 2, onnotice: () => {} });
  const write = (name: string, body: string) =>
    Deno.writeTextFile(join(folder, name), header + body);
  try {
    await work({ url, folder, sql, write, migrate: () => migrate({ url, folder }) });
  } finally {
    await sql.end({ timeout: 1 });
    await database.drop();
    await Deno.remove(folder, { recursive: true });
  }
}

function refused(pattern: RegExp) {
  return (error: unknown) => error instanceof MigrationError && pattern.test(error.message);
}

async function tablesOf(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ tablename: string }[]>`
    select tablename from pg_tables where schemaname = 'public' order by 1`;
  return rows.map(({ tablename }) => tablename).filter((name) => name !== "schema_migrations");
}

Deno.test("migrate() applies each file once and in order, and tells what it did", async () => {
  await onGround(async ({ sql, write, ...ground }) => {
    await write("0001_first.sql", "create table first (id integer);");
    await write(
      "0002_second.sql",
      "alter table first add column name text;\ncreate table second ();",
    );
    assert.deepEqual(await ground.migrate(), {
      applied: ["0001_first.sql", "0002_second.sql"],
      alreadyApplied: 0,
    });
    assert.deepEqual(await ground.migrate(), { applied: [], alreadyApplied: 2 });
    assert.deepEqual(await tablesOf(sql), ["first", "second"]);
    const rows = await sql`select number, name, length(checksum) as digits from schema_migrations`;
    assert.deepEqual([...rows].map((row) => ({ ...row })), [
      { number: 1, name: "0001_first.sql", digits: 64 },
      { number: 2, name: "0002_second.sql", digits: 64 },
    ]);
  });
});

Deno.test("of four migrators at once one applies each file, and the others find it done", async () => {
  await onGround(async ({ url, folder, sql, write }) => {
    await write("0001_slow.sql", "create table slow (id integer); select pg_sleep(0.3);");
    await write("0002_index.sql", "-- no-transaction\ncreate index concurrently on slow (id);");
    const lines: string[] = [];
    const options = { url, folder, report: (line: string) => lines.push(line) };
    const results = await Promise.all(Array.from({ length: 4 }, () => migrate(options)));
    const working = results.filter(({ applied }) => applied.length > 0);
    assert.deepEqual(working, [{
      applied: ["0001_slow.sql", "0002_index.sql"],
      alreadyApplied: 0,
    }]);
    assert.equal(results.filter(({ alreadyApplied }) => alreadyApplied === 2).length, 3);
    assert.equal(lines.filter((line) => line.startsWith("Another process")).length, 3);
    const [count] = await sql`select count(*)::integer as files from schema_migrations`;
    assert.equal(count?.files, 2);
  });
});

Deno.test("migrate() refuses a file that was edited or renamed after it was applied", async () => {
  await onGround(async ({ url, folder, sql, write, ...ground }) => {
    await write("0001_first.sql", "create table first (id integer);");
    await ground.migrate();
    await write("0001_first.sql", "create table first (id bigint);");
    await write("0002_second.sql", "create table second ();");
    await assert.rejects(
      ground.migrate(),
      refused(/Changed after it was applied: 0001_first\.sql/),
    );
    assert.deepEqual(await status(url, folder), {
      applied: ["0001_first.sql"],
      pending: ["0002_second.sql"],
      edited: ["0001_first.sql"],
      unknown: [],
    });
    await Deno.rename(join(folder, "0001_first.sql"), join(folder, "0001_renamed.sql"));
    await write("0001_renamed.sql", "create table first (id integer);");
    await assert.rejects(ground.migrate(), refused(/0001_renamed\.sql/));
    assert.deepEqual(await tablesOf(sql), ["first"]);
  });
});

Deno.test("the kind of line ends does not count as an edit", async () => {
  await onGround(async ({ folder, write, ...ground }) => {
    await write("0001_first.sql", "create table first (id integer);\n");
    await ground.migrate();
    const file = join(folder, "0001_first.sql");
    await Deno.writeTextFile(file, (await Deno.readTextFile(file)).replaceAll("\n", "\r\n"));
    assert.deepEqual(await ground.migrate(), { applied: [], alreadyApplied: 1 });
  });
});

Deno.test("migrate() refuses a database that is newer than the code", async () => {
  await onGround(async ({ folder, sql, write, ...ground }) => {
    await write("0001_first.sql", "create table first ();");
    await write("0002_second.sql", "create table second ();");
    await ground.migrate();
    await Deno.remove(join(folder, "0002_second.sql"));
    await assert.rejects(
      ground.migrate(),
      refused(/newer than this code: it has 0002_second\.sql/),
    );
    assert.deepEqual(await tablesOf(sql), ["first", "second"]);
  });
});

Deno.test("migrate() refuses to fill a hole in what the database has", async () => {
  await onGround(async ({ sql, write, ...ground }) => {
    await write("0001_first.sql", "create table first ();");
    await write("0002_second.sql", "create table second ();");
    await ground.migrate();
    await sql`delete from schema_migrations where number = 1`;
    await assert.rejects(ground.migrate(), refused(/later migrations, but not 0001_first\.sql/));
  });
});

Deno.test("a file that fails leaves nothing of itself, and everything before it", async () => {
  await onGround(async ({ url, folder, sql, write, ...ground }) => {
    await write("0001_first.sql", "create table first ();");
    await write("0002_broken.sql", "create table half ();\n\nselect *\nfrom nowhere;");
    await write("0003_third.sql", "create table third ();");
    await assert.rejects(ground.migrate(), refused(/^0002_broken\.sql, line 7: .*"nowhere"/));
    assert.deepEqual(await tablesOf(sql), ["first"]);
    const { applied, pending } = await status(url, folder);
    assert.deepEqual([applied, pending], [["0001_first.sql"], [
      "0002_broken.sql",
      "0003_third.sql",
    ]]);
    await write("0002_broken.sql", "create table whole ();");
    assert.equal((await ground.migrate()).applied.length, 2);
    assert.deepEqual(await tablesOf(sql), ["first", "third", "whole"]);
  });
});

Deno.test("-- no-transaction runs statement by statement, and can be run again after a failure", async () => {
  await onGround(async ({ sql, write, ...ground }) => {
    await write("0001_first.sql", "create table first (id integer, name text);");
    const indexes = `-- no-transaction
create index concurrently if not exists first_id on first (id); -- a comment; with a semicolon
create index concurrently if not exists first_name on first (name) where name <> ';';
`;
    await write("0002_indexes.sql", indexes + "select 1 / 0;");
    await assert.rejects(ground.migrate(), refused(/^0002_indexes\.sql, line 7: division by zero/));
    await write("0002_indexes.sql", indexes);
    assert.deepEqual((await ground.migrate()).applied, ["0002_indexes.sql"]);
    const rows = await sql`select indexrelid::regclass::text as name from pg_index
      where indrelid = 'first'::regclass and indisvalid order by 1`;
    assert.deepEqual(rows.map(({ name }) => name), ["first_id", "first_name"]);
  });
});

Deno.test("settings of one file do not reach the next", async () => {
  await onGround(async ({ sql, write, ...ground }) => {
    await write("0001_first.sql", "create schema hidden; set search_path = hidden;");
    await write("0002_second.sql", "create table second ();");
    await ground.migrate();
    assert.deepEqual(await tablesOf(sql), ["second"]);
  });
});

const badFolders: { what: string; files: Record<string, string>; message: RegExp }[] = [
  { what: "a gap", files: { "0001_a.sql": header, "0003_b.sql": header }, message: /number 2/ },
  { what: "a double", files: { "0001_a.sql": header, "0001_b.sql": header }, message: /number 2/ },
  { what: "another first number", files: { "0000_a.sql": header }, message: /not named like/ },
  { what: "a name without number", files: { "first.sql": header }, message: /not named like/ },
  { what: "a name with capitals", files: { "0001_First.SQL": header }, message: /not named like/ },
  { what: "no header", files: { "0001_a.sql": "select 1;" }, message: /Why.*Locks.*Old code/ },
  {
    what: "reasons below the first statement",
    files: { "0001_a.sql": `select 1;\n${header}` },
    message: /must begin with why/,
  },
  {
    what: "a commit of its own",
    files: { "0001_a.sql": `${header}create table a ();\ncommit;` },
    message: /line 5: the runner begins and ends/,
  },
];

for (const { what, files, message } of badFolders) {
  Deno.test(`migrate() refuses a folder with ${what} before it touches the database`, async () => {
    const folder = await Deno.makeTempDir();
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(folder, name), text);
    }
    // Nothing listens there: the refusal comes from the files alone.
    const url = "postgres://nobody@127.0.0.1:1/none";
    await assert.rejects(migrate({ url, folder }), refused(message));
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("migrate() gives way to who holds a table, and comes back", async () => {
  await onGround(async ({ url, folder, sql, write, ...ground }) => {
    await write("0001_first.sql", "create table first ();");
    await ground.migrate();
    await write("0002_second.sql", "alter table first add column name text;");
    const lines: string[] = [];
    const gaveWay = Promise.withResolvers<void>();
    const report = (line: string) => {
      lines.push(line);
      if (line.includes("waits for a lock")) gaveWay.resolve();
    };
    const migrating = sql.begin(async (tx) => {
      await tx`lock table first in access share mode`;
      const migration = migrate({ url, folder, report, lockTimeoutMs: 50 });
      await gaveWay.promise;
      return { migration };
    });
    const { applied } = await (await migrating).migration;
    assert.deepEqual(applied, ["0002_second.sql"]);
    assert.match(lines.at(-1) ?? "", /^0002_second\.sql applied in/);
  });
});

Deno.test("the signal cancels a statement that runs, and nothing of its file stays", async () => {
  await onGround(async ({ url, folder, sql, write }) => {
    await write("0001_long.sql", "create table long (); select pg_sleep(60);");
    const stopping = new AbortController();
    const migrating = migrate({ url, folder, signal: stopping.signal });
    const failing = assert.rejects(migrating, /enough/);
    await untilRunning(sql, "select pg_sleep(60)");
    stopping.abort(new Error("enough"));
    await failing;
    assert.deepEqual(await tablesOf(sql), []);
  });
});

Deno.test("a migrator that loses its connection fails, and leaves the lock and the tables free", async () => {
  await onGround(async ({ sql, write, ...ground }) => {
    await write(
      "0001_lost.sql",
      "create table lost (); select pg_terminate_backend(pg_backend_pid());",
    );
    await assert.rejects(ground.migrate());
    assert.deepEqual(await tablesOf(sql), []);
    await write("0001_lost.sql", "create table found ();");
    assert.deepEqual((await ground.migrate()).applied, ["0001_lost.sql"]);
  });
});

async function untilRunning(sql: postgres.Sql, text: string) {
  await pollUntil(`a session to run ${text}`, async () => {
    const [row] = await sql`select exists (select from pg_stat_activity
      where state = 'active' and query like ${`%${text}%`} and pid <> pg_backend_pid()) as runs`;
    return row?.runs;
  });
}
