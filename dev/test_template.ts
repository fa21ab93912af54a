/** The migrated database that every test copies, and the copies. */
import { join } from "node:path";
import type postgres from "postgres";
import { readMigrations } from "../migrations/files.ts";
import { migrate } from "../migrations/mod.ts";
import { makeSigningKeys, testAppSecret } from "../tests/support/signing_keys.ts";

/** A database for one test. */
export interface TestDatabase {
  url: string;
  /** Ends whatever connections are left, and removes the database. Can be called again. */
  drop(): Promise<void>;
}

const copyTriesMax = 50;
const copyPauseMs = 100;
const templateInUse = "55006";

/**
 * The name of a template on a server that is this run's alone. One of an earlier run is taken if it had the same
 * migrations; other databases that tests left behind are removed.
 */
export async function prepareTemplate(serverUrl: string): Promise<string> {
  const template = `template_${await fingerprint()}`;
  await onServer(serverUrl, async (sql) => {
    const databases = await sql<{ datname: string; datistemplate: boolean }[]>`
      select datname, datistemplate from pg_database where datname ~ '^(test|template)_'`;
    const ready = databases.some((found) => found.datname === template && found.datistemplate);
    const old = databases.filter(({ datname }) => !ready || datname !== template);
    for (const { datname } of old) await dropDatabase(sql, datname);
    if (!ready) await makeTemplate(sql, serverUrl, template);
  });
  return template;
}

/** A template on a server that others use as well: with a name of its own, to be dropped after the run. */
export async function makeOwnTemplate(serverUrl: string): Promise<TestDatabase & { name: string }> {
  const name = `template_${crypto.randomUUID().slice(0, 8)}`;
  await onServer(serverUrl, (sql) => makeTemplate(sql, serverUrl, name));
  return {
    name,
    url: databaseUrl(serverUrl, name),
    drop: () => onServer(serverUrl, (sql) => dropDatabase(sql, name)),
  };
}

/** Copies the template; `label` makes the copy's name readable, and random digits make it unlike any other. */
export async function copyTemplate(
  serverUrl: string,
  template: string,
  label: string,
): Promise<TestDatabase> {
  const readable = label.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_").slice(0, 40);
  const name = `test_${readable}_${crypto.randomUUID().slice(0, 8)}`;
  await onServer(serverUrl, (sql) => copyWhenQuiet(sql, name, template));
  return {
    url: databaseUrl(serverUrl, name),
    drop: () =>
      onServer(serverUrl, (sql) => sql`drop database if exists ${sql(name)} with (force)`),
  };
}

/** Copying files took 30 ms where going through the log took 50, on a server that forces nothing to disk. */
async function copyWhenQuiet(sql: postgres.Sql, name: string, template: string) {
  for (let tries = 1;; tries++) {
    try {
      await sql`create database ${sql(name)} template ${sql(template)} strategy file_copy`;
      return;
    } catch (error) {
      const inUse = error instanceof Error && "code" in error && error.code === templateInUse;
      if (!inUse || tries === copyTriesMax) throw error;
      await new Promise((resolve) => setTimeout(resolve, copyPauseMs));
    }
  }
}

/** Marked as a template last, so that one whose making was interrupted is never taken for complete. */
async function makeTemplate(sql: postgres.Sql, serverUrl: string, name: string) {
  await sql`create database ${sql(name)}`;
  const url = databaseUrl(serverUrl, name);
  await migrate({ url });
  await makeSigningKeys(url);
  await sql`alter database ${sql(name)} with is_template true allow_connections false`;
}

async function dropDatabase(sql: postgres.Sql, name: string) {
  await sql`alter database ${sql(name)} with is_template false`;
  await sql`drop database ${sql(name)} with (force)`;
}

/** A connection per call: in a test, one that stayed open would count as a leak. */
async function onServer(serverUrl: string, work: (sql: postgres.Sql) => Promise<unknown>) {
  const { default: open } = await import("postgres");
  const sql = open(serverUrl, { max: 1, fetch_types: false, onnotice: () => {} });
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function fingerprint(): Promise<string> {
  const migrations = await readMigrations(join(import.meta.dirname ?? ".", "../migrations"));
  const text = testAppSecret + migrations.map(({ name, checksum }) => name + checksum).join();
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex().slice(0, 12);
}

function databaseUrl(serverUrl: string, database: string): string {
  return Object.assign(new URL(serverUrl), { pathname: `/${database}` }).href;
}
