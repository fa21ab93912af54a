import assert from "node:assert/strict";
import plugin, { guards } from "../../dev/lint/plugin.ts";
import { functionsOf } from "../../dev/source/functions.ts";
import { lineAt } from "../../dev/source/mask.ts";
import { readTree } from "../../dev/source/tree.ts";

/** A small file, and the lines in it that the rule must report. */
interface Case {
  path: string;
  source: string;
  lines: number[];
}

const verb = "services/alerts/create_alert.ts";
const model = "services/alerts/model/judge.ts";
const test = "tests/services/alerts/create_alert_test.ts";
const longFunction = `export function f() {\n${"  g();\n".repeat(68)}}\n`;

const cases: Record<string, Case[]> = {
  "zod-is-imported-whole": [
    { path: verb, source: 'import { z } from "zod";', lines: [1] },
    { path: verb, source: 'import * as z from "zod";', lines: [] },
    { path: verb, source: 'import type { z } from "zod";', lines: [] },
    { path: test, source: 'import { z } from "zod";', lines: [] },
  ],
  "adapters-in-deps": [
    { path: verb, source: "postgres(url);\nnew Redis({});\nDeno.serve(handle);", lines: [1, 2, 3] },
    { path: "deps.ts", source: "postgres(url);\nnew Redis({});", lines: [] },
    { path: "services/jobs/providers/qstash/client.ts", source: "new Client({});", lines: [] },
    { path: verb, source: "new Map();", lines: [] },
  ],
  "documented-exports": [
    { path: "lib/money.ts", source: "export function add() {}", lines: [1] },
    { path: "lib/money.ts", source: "// Adds.\nexport const add = () => 1;", lines: [2] },
    { path: "lib/money.ts", source: "/** Adds. */\nexport function add() {}", lines: [] },
    { path: verb, source: "export async function createAlert() {}", lines: [1] },
    { path: verb, source: "function decide() {}\nexport interface Input {}", lines: [] },
    { path: "services/alerts/store.ts", source: "export function findAlert() {}", lines: [] },
    { path: "services/alerts/view.ts", source: "export function toAlert() {}", lines: [] },
    { path: "services/alerts/mod.ts", source: "export function f() {}", lines: [1] },
    { path: "services/alerts/model/mod.ts", source: "export function f() {}", lines: [1] },
  ],
  "edge-runs-on-deno-2-5": [
    { path: verb, source: "Temporal.Now.instant();", lines: [1] },
    { path: "lib/zoned_time.ts", source: "Temporal.Now.instant();", lines: [] },
    { path: "workers/feed.ts", source: "Temporal.Now.instant();", lines: [] },
  ],
  "environment-in-config": [
    { path: verb, source: 'Deno.env.get("PORT");\nprocess.env.PORT;', lines: [1, 2] },
    { path: "main.ts", source: 'const port = Deno.env.get("PORT");', lines: [1] },
    { path: "main.ts", source: "readConfig((name) => Deno.env.get(name));", lines: [] },
    { path: "config.ts", source: 'Deno.env.get("PORT");', lines: [] },
    { path: verb, source: '// Deno.env is config.ts\' own.\n"Deno.env";', lines: [] },
  ],
  "function-length": [
    { path: verb, source: longFunction, lines: [] },
    { path: verb, source: `\n${longFunction.replace("g();", "g();\n  h();")}`, lines: [2] },
    { path: verb, source: longFunction.replace("g();", "g();\n  // Why.\n"), lines: [] },
    { path: test, source: `f(() => {\n${"  g();\n".repeat(70)}});`, lines: [1] },
  ],
  "heavy-packages-are-lazy": [
    { path: "lib/database.ts", source: 'import postgres from "postgres";', lines: [1] },
    { path: "lib/database.ts", source: 'import { type Sql, x } from "postgres";', lines: [1] },
    { path: "lib/database.ts", source: 'import type postgres from "postgres";', lines: [] },
    { path: "lib/database.ts", source: 'import { type Sql } from "postgres";', lines: [] },
    { path: "lib/database.ts", source: 'await import("postgres");', lines: [] },
    { path: "deps.ts", source: "await import(`./${name}.ts`);", lines: [1] },
    { path: "tests/support/database.ts", source: 'import postgres from "postgres";', lines: [] },
  ],
  "log-instead-of-console": [
    { path: verb, source: 'console.log("x");\nconsole.error("y");', lines: [1, 2] },
    { path: "lib/log.ts", source: "console.log(line);", lines: [] },
    { path: "dev/main.ts", source: "console.log(line);", lines: [] },
  ],
  "models-are-pure": [
    { path: model, source: "async function judge() {}", lines: [1] },
    { path: model, source: "function judge(ctx) {}\nconst f = (ctx) => 1;", lines: [1, 2] },
    { path: model, source: 'new Promise(f);\nfetch(url);\nimport("x");', lines: [1, 2, 3] },
    { path: model, source: "function judge(bars, now) {}", lines: [] },
    { path: verb, source: "async function load(ctx) {}", lines: [] },
  ],
  "no-default-export": [
    { path: verb, source: "export default function () {}", lines: [1] },
    { path: "dev/lint/plugin.ts", source: "export default {};", lines: [] },
  ],
  "no-floating-sql": [
    { path: "services/alerts/store.ts", source: "sql`delete from alerts`;", lines: [1] },
    { path: test, source: "void ctx.sql`delete from alerts`;", lines: [1] },
    { path: test, source: "tx`delete from alerts`;", lines: [1] },
    { path: test, source: "await sql`select 1`;\nconst q = sql`select 1`;", lines: [] },
    { path: test, source: "String.raw`text`;", lines: [] },
  ],
  "no-hidden-time-and-chance": [
    { path: verb, source: "Date.now();\nnew Date();\nMath.random();", lines: [1, 2, 3] },
    {
      path: verb,
      source: "const clock = Date.now;\nglobalThis.crypto.randomUUID();",
      lines: [1, 2],
    },
    { path: verb, source: "new Date(now);\nMath.max(1, 2);", lines: [] },
    { path: "lib/time.ts", source: "Date.now();", lines: [] },
    { path: test, source: "Date.now();", lines: [] },
  ],
  "no-sleep-in-tests": [
    { path: test, source: "await new Promise((done) => setTimeout(done, 50));", lines: [1] },
    { path: test, source: "await new Promise((r) => setTimeout(() => r(1), 50));", lines: [1] },
    { path: test, source: "await delay(50);", lines: [1] },
    {
      path: test,
      source: "new Promise((_, reject) => setTimeout(() => reject(late), 50));",
      lines: [],
    },
    { path: "tests/support/poll.ts", source: "new Promise((r) => setTimeout(r, 5));", lines: [] },
    { path: "tests/dev/redis_support.ts", source: "await sleep(5);", lines: [] },
  ],
  "sql-in-store": [
    { path: verb, source: "await sql`select 1`;\nawait ctx.sql<Row[]>`select 1`;", lines: [1, 2] },
    {
      path: "routes/alerts.ts",
      source: "await database`select 1`;\nsql.unsafe(text);",
      lines: [1, 2],
    },
    { path: "services/alerts/store.ts", source: "await sql`select 1`;", lines: [] },
    { path: verb, source: "html`<p>select one</p>`;", lines: [] },
  ],
  "tests-run": [
    { path: test, source: 'Deno.test.only("x", f);', lines: [1] },
    { path: test, source: 'Deno.test({ name: "x", only: true, fn });', lines: [1] },
    {
      path: test,
      source: 'Deno.test.ignore("x", f);\nDeno.test({ ignore: true, fn });',
      lines: [1, 2],
    },
    { path: test, source: 'Deno.test.ignore("x (skipped: no network)", f);', lines: [] },
    { path: test, source: 'Deno.test({ name: "x", ignore: !exists, fn });', lines: [] },
  ],
  "typed-errors": [
    { path: verb, source: 'throw new Error("no such alert");', lines: [1] },
    { path: verb, source: 'throw new ConfigError("x");\nconst e = new Error("x");', lines: [] },
    { path: "lib/money.ts", source: 'throw new Error("x");', lines: [] },
  ],
  "verb-file-exports-verb": [
    { path: verb, source: "export function makeAlert() {}", lines: [1] },
    { path: verb, source: "export async function createAlert() {}", lines: [] },
    { path: verb, source: "export const createAlert = f();", lines: [] },
    { path: "services/alerts/store.ts", source: "export function findAlert() {}", lines: [] },
  ],
};

for (const rule of Object.keys(guards)) {
  Deno.test(`house/${rule} reports what it forbids, and nothing else`, () => {
    const ofRule = cases[rule] ?? [];
    assert.ok(ofRule.some(({ lines }) => lines.length > 0), "no case breaks this rule");
    assert.ok(ofRule.some(({ lines }) => lines.length === 0), "no case keeps this rule");
    for (const { path, source, lines } of ofRule) {
      const reported = Deno.lint.runPlugin(plugin, path, source)
        .filter(({ id }) => id === `house/${rule}`);
      assert.deepEqual(
        reported.map(({ range }) => lineAt(source, range[0])),
        lines,
        `${path}: ${source.slice(0, 80)}`,
      );
      assert.ok(
        reported.every(({ hint }) => hint !== undefined),
        "a report says what to do instead",
      );
    }
  });
}

Deno.test("dev/source finds the same functions as the parser does, over the whole tree", () => {
  for (const { path, text } of readTree()) {
    if (!path.endsWith(".ts")) continue;
    const counted = functionsOf(text).map(({ lastLine }) => lastLine);
    assert.deepEqual(
      counted.sort(numerically),
      lastLinesParsed(path, text).sort(numerically),
      path,
    );
  }
});

/** The last line of every function with a block body, by the parser. */
function lastLinesParsed(path: string, text: string): number[] {
  const lines: number[] = [];
  const note = (node: { body: Deno.lint.Node | null; range: Deno.lint.Range }) => {
    if (node.body?.type === "BlockStatement") lines.push(lineAt(text, node.range[1]));
  };
  const rule: Deno.lint.Rule = {
    create: () => ({
      ArrowFunctionExpression: note,
      FunctionDeclaration: note,
      FunctionExpression: note,
    }),
  };
  Deno.lint.runPlugin({ name: "count", rules: { functions: rule } }, path, text);
  return lines;
}

const numerically = (a: number, b: number) => a - b;
