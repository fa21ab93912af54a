import { lineAt, only } from "../../dev/source/mask.ts";
import type { Source } from "../../dev/source/tree.ts";
import { domains, placeOf } from "./places.ts";
import type { Rule, Violation } from "./rule.ts";
import { type Table, tablesOf } from "./sql_tables.ts";

const alertsTable = "-- owner: alerts\ncreate table alerts (\n  id uuid primary key\n);\n";

export const tablesHaveOwners: Rule = {
  guarantee: "every table names the domain that owns it, above the statement that creates it",
  check: (sources) =>
    [...tablesOf(sources).values()].filter(({ owner }) => !domains.includes(owner ?? ""))
      .map(({ name, path, line }) => ({
        path,
        line,
        message: `write \`-- owner: <domain>\` on the line above the table ${name}`,
      })),
  broken: [
    {
      tree: { "migrations/0001_a.sql": "create table alerts (id uuid);" },
      at: ["migrations/0001_a.sql:1"],
    },
    {
      tree: { "migrations/0001_a.sql": "\n-- owner: nobody\ncreate table alerts (id uuid);" },
      at: ["migrations/0001_a.sql:3"],
    },
  ],
  kept: {
    "migrations/0001_a.sql": alertsTable,
    "migrations/0002_b.sql": "create table alerts_2026 partition of alerts default;",
    "migrations/schema.sql": "CREATE TABLE alerts (id uuid);",
  },
};

export const tablesWrittenByOwners: Rule = {
  guarantee: "a table is written by the domain that owns it, and by no other",
  check: (sources) => {
    const tables = tablesOf(sources);
    return sources.filter(({ path }) => path.startsWith("services/")).flatMap((source) =>
      writesOf(source).flatMap((write) => judge(write, source, tables))
    );
  },
  broken: [
    {
      tree: {
        "migrations/0001_a.sql": alertsTable,
        "services/plans/store.ts": "await sql`\n  insert into alerts values (1)`;",
      },
      at: ["services/plans/store.ts:2"],
    },
    {
      tree: {
        "migrations/0001_a.sql": alertsTable,
        "services/plans/store.ts":
          "sql`update alerts a set x = 1`;\nsql`with d as (delete from alerts) x`;",
      },
      at: ["services/plans/store.ts:1", "services/plans/store.ts:2"],
    },
    {
      tree: { "services/plans/store.ts": "sql`insert into plants values (1)`;" },
      at: ["services/plans/store.ts:1"],
    },
    {
      tree: { "services/plans/store.ts": "sql`delete from ${sql(table)}`;" },
      at: ["services/plans/store.ts:1"],
    },
  ],
  kept: {
    "migrations/0001_a.sql": alertsTable,
    "services/alerts/store.ts":
      "sql`insert into alerts values (1) on conflict do update set x = 1`;\nsql`truncate table alerts`;",
    "services/plans/store.ts":
      "// update alerts set x = 1\nsql`select 1 from alerts for update of alerts skip locked`;",
    "tests/alerts_test.ts": "sql`delete from alerts`;",
  },
};

const WRITE =
  /\b(?:insert\s+into|delete\s+from|merge\s+into|truncate(?:\s+table)?|update(?=\s+(?:only\s+)?(?:\w+|\$\{[^}]*\})(?:\s+(?:as\s+)?\w+)?\s+set\b))\s+(?:only\s+)?(\w+|\$\{)/gi;

interface Write {
  line: number;
  table: string;
}

/** Tables that the SQL of a file writes; a table that only an argument names is `${`. */
function writesOf({ path, text }: Source): Write[] {
  if (!path.endsWith(".ts")) return [];
  const sql = only(text, "template");
  return [...sql.matchAll(WRITE)].map((match) => ({
    line: lineAt(text, match.index),
    table: match[1] ?? "",
  }));
}

function judge({ line, table }: Write, { path }: Source, tables: Map<string, Table>): Violation[] {
  const { domain = "" } = placeOf(path);
  if (table === "${") {
    return [{ path, line, message: "name the table in the statement, so that its owner is known" }];
  }
  const owner = tables.get(table)?.owner;
  if (owner === domain) return [];
  const message = owner === undefined
    ? `no migration creates the table ${table}`
    : `${table} belongs to ${owner}: call a verb of services/${owner}/mod.ts`;
  return [{ path, line, message }];
}
