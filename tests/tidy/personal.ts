import { lineAt } from "../../dev/source/mask.ts";
import type { Source } from "../../dev/source/tree.ts";
import type { Rule, Violation } from "./rule.ts";
import { tablesOf } from "./sql_tables.ts";

const REGISTRY = "services/personal_data.ts";
const forced = "alter table devices force row level security;\n";
const devices = `-- owner: auth\ncreate table devices (\n  user_id uuid not null\n);\n${forced}`;

export const personalTablesAreRegistered: Rule = {
  guarantee: "every table with personal data says how it is exported and how it is erased",
  check: (sources) => {
    const tables = tablesOf(sources);
    const registered = registeredTables(sources);
    const missing = [...tables.values()].flatMap(({ name, owner, personal, path, line }) => {
      if (!personal || registered.get(name)?.owner === owner) return [];
      return [{ path, line, message: `enter ${name} (owner ${owner}) in ${REGISTRY}` }];
    });
    const stale = [...registered].flatMap(([name, { line }]) => {
      if (tables.get(name)?.personal) return [];
      return [{ path: REGISTRY, line, message: `no migration has a personal table ${name}` }];
    });
    return [...missing, ...stale];
  },
  broken: [
    { tree: { "migrations/0001_a.sql": devices }, at: ["migrations/0001_a.sql:2"] },
    {
      tree: {
        "migrations/0001_a.sql": "-- owner: auth\n-- personal\ncreate table users (id uuid);",
      },
      at: ["migrations/0001_a.sql:3"],
    },
    {
      tree: {
        "migrations/0001_a.sql": "-- owner: auth\ncreate table devices (id uuid);",
        "migrations/0002_b.sql": "alter table devices add column user_id uuid;",
      },
      at: ["migrations/0001_a.sql:2"],
    },
    {
      tree: { [REGISTRY]: 'const personalTables = {\n  pets: { owner: "auth" },\n};' },
      at: [`${REGISTRY}:2`],
    },
    {
      tree: {
        "migrations/0001_a.sql": devices,
        [REGISTRY]: 'const personalTables = {\n  devices: { owner: "plans" },\n};',
      },
      at: ["migrations/0001_a.sql:2"],
    },
  ],
  kept: {
    "migrations/0001_a.sql": `${devices}-- owner: jobs\ncreate table outbox (id uuid);`,
    "migrations/0002_b.sql": "-- owner: auth\ncreate table pets (user_id uuid);\ndrop table pets;",
    [REGISTRY]: 'const personalTables = {\n  devices: {\n    owner: "auth",\n  },\n};',
  },
};

export const personalTablesHaveWalls: Rule = {
  guarantee: "every table with personal data forces row-level security",
  check: (sources) => {
    const sql = sources.filter(({ path }) => /^migrations\/\d.*\.sql$/.test(path))
      .map(({ text }) => text).join("\n");
    return [...tablesOf(sources).values()].flatMap((table): Violation[] => {
      const wall = new RegExp(
        `^alter table ${table.name}\\s[^;]*\\bforce row level security`,
        "im",
      );
      if (!table.personal || wall.test(sql)) return [];
      const message = `add \`alter table ${table.name} force row level security\` and its policies`;
      return [{ path: table.path, line: table.line, message }];
    });
  },
  broken: [
    {
      tree: { "migrations/0001_a.sql": devices.replace(forced, "") },
      at: ["migrations/0001_a.sql:2"],
    },
  ],
  kept: {
    "migrations/0001_a.sql": `${devices}-- owner: jobs\ncreate table outbox (id uuid);`,
  },
};

/** The entries of the registry, read as text so that small trees can be checked too. */
function registeredTables(sources: Source[]): Map<string, { owner: string; line: number }> {
  const text = sources.find(({ path }) => path === REGISTRY)?.text ?? "";
  return new Map(
    [...text.matchAll(/^\s*(\w+): \{\s*owner: "(\w+)"/gm)].map((match) => {
      const [whole, name = "", owner = ""] = match;
      return [name, { owner, line: lineAt(text, match.index + whole.search(/\w/)) }];
    }),
  );
}
