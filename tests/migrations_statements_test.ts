import assert from "node:assert/strict";
import fc from "fast-check";
import { splitStatements } from "../migrations/statements.ts";

const texts = (sql: string) => splitStatements(sql).map(({ text }) => text);

const cases: { what: string; sql: string; expected: string[] }[] = [
  { what: "two statements", sql: "select 1;\nselect 2;", expected: ["select 1", "select 2"] },
  { what: "no semicolon at the end", sql: "select 1", expected: ["select 1"] },
  { what: "nothing but comments", sql: "-- a;\n/* b; */ ;;", expected: [] },
  {
    what: "a string",
    sql: "select ';''; --'; select 2",
    expected: ["select ';''; --'", "select 2"],
  },
  {
    what: "an escape string",
    sql: String.raw`select E'\';'; select 2`,
    expected: [String.raw`select E'\';'`, "select 2"],
  },
  {
    what: "a backslash in a plain string",
    sql: String.raw`select '\'; select 2`,
    expected: [String.raw`select '\'`, "select 2"],
  },
  {
    what: "a quoted name",
    sql: `select 1 as "a;""b"; select 2`,
    expected: [`select 1 as "a;""b"`, "select 2"],
  },
  {
    what: "a dollar quote",
    sql: "do $$ begin; end; $$; select 2",
    expected: ["do $$ begin; end; $$", "select 2"],
  },
  {
    what: "dollar quotes within each other",
    sql: "do $a$ execute $b$ select 1; $b$; $$;$$ $a$; select 2",
    expected: ["do $a$ execute $b$ select 1; $b$; $$;$$ $a$", "select 2"],
  },
  {
    what: "a dollar sign in a name",
    sql: "select a$b$c; select 2; select d$b$e",
    expected: ["select a$b$c", "select 2", "select d$b$e"],
  },
  { what: "a parameter", sql: "select $1; select $2", expected: ["select $1", "select $2"] },
  {
    what: "nested comments",
    sql: "select /* a /* ; */ ; */ 1; select 2",
    expected: ["select /* a /* ; */ ; */ 1", "select 2"],
  },
  {
    what: "a quote in a comment",
    sql: "-- don't\nselect 1; select 2 -- it's\n",
    expected: ["select 1", "select 2 -- it's"],
  },
];

for (const { what, sql, expected } of cases) {
  Deno.test(`splitStatements() minds ${what}`, () => assert.deepEqual(texts(sql), expected));
}

Deno.test("splitStatements() tells the line on which a statement itself begins", () => {
  const sql = "-- first\n\nselect 1; /* second\n */\n\n  select '\n'; select 3;";
  assert.deepEqual(splitStatements(sql).map(({ line }) => line), [3, 6, 7]);
});

Deno.test("splitStatements() gives back whatever statements were joined", () => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/);
  const content = fc.string({ unit: fc.constantFrom(..."a;'\"-/*$\n ".split("")), maxLength: 12 });
  const piece = fc.oneof(
    word,
    content.map((text) => `'${text.replaceAll("'", "''")}'`),
    content.map((text) => `"${text.replaceAll('"', '""')}"`),
    content.map((text) => `$tag$${text}$tag$`),
    content.map((text) => `/*${text.replaceAll(/[*/]/g, "")}*/`),
  );
  const statement = fc.tuple(word, fc.array(piece, { maxLength: 5 })).map(([first, rest]) =>
    [first, ...rest].join(" ")
  );
  fc.assert(fc.property(fc.array(statement, { maxLength: 5 }), (statements) => {
    assert.deepEqual(texts(statements.join(" ;\n")), statements);
  }));
});
