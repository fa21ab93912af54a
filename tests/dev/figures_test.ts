import assert from "node:assert/strict";
import { figuresOf, linesByFolder } from "../../dev/figures.ts";

const lines = (count: number) => "f();\n".repeat(count);
const functionOf = (count: number) => `function f() {\n${lines(count - 2)}}\n`;

function rowsOf(tree: Record<string, string>) {
  const rows = figuresOf(Object.entries(tree).map(([path, text]) => ({ path, text })));
  return new Map(rows.map((row) => [row.what, row]));
}

Deno.test("figuresOf() takes medians and percentiles of the product, and maxima of everything", () => {
  const product = Object.fromEntries(
    [10, 20, 30, 40, 250].map((count) => [`lib/f${count}.ts`, lines(count)]),
  );
  const rows = rowsOf({ ...product, "tests/a_test.ts": lines(401) });
  assert.equal(rows.get("code lines of a file, median")?.value, 30);
  assert.equal(rows.get("code lines of a file, 90th percentile")?.value, 250);
  assert.equal(rows.get("code lines of a file, 90th percentile")?.ok, false);
  const longest = rows.get("code lines of a file, longest");
  assert.deepEqual([longest?.value, longest?.where, longest?.ok], [401, "tests/a_test.ts", false]);
  assert.equal(longest?.hard, true);
});

Deno.test("figuresOf() counts a function from its parameters to its brace, without comments", () => {
  const rows = rowsOf({
    "lib/a.ts": functionOf(5),
    "lib/b.ts": functionOf(7).replace("f();", "f(); // why\n// why\n\n"),
    "bench/c.ts": `\n${functionOf(71)}`,
  });
  assert.equal(rows.get("code lines of a function, median")?.value, 5);
  const longest = rows.get("code lines of a function, longest");
  assert.deepEqual([longest?.value, longest?.where, longest?.ok], [71, "bench/c.ts:2", false]);
});

Deno.test("figuresOf() judges comments as a share of code and comments, and counts the root", () => {
  const what = "comment lines, % of code and comments";
  assert.deepEqual(rowsOf({ "lib/a.ts": `// why\n${lines(9)}` }).get(what)?.value, 10);
  assert.equal(rowsOf({ "lib/a.ts": `// why\n${lines(9)}` }).get(what)?.ok, true);
  assert.equal(rowsOf({ "lib/a.ts": `// why\n${lines(1)}` }).get(what)?.ok, false);
  assert.equal(rowsOf({ "lib/a.ts": lines(99) }).get(what)?.ok, false);
  const crowded = Object.fromEntries(Array.from({ length: 19 }, (_, n) => [`f${n}.ts`, ""]));
  assert.equal(rowsOf(crowded).get("root entries")?.ok, false);
  assert.equal(rowsOf({ "a/b.ts": "", "a/c.ts": "", ".env": "" }).get("root entries")?.value, 1);
});

Deno.test("linesByFolder() puts the largest folder first", () => {
  const tree = {
    "lib/a.ts": lines(2),
    "main.ts": lines(1),
    "migrations/1.sql": lines(5),
    "a.md": "x",
  };
  const sources = Object.entries(tree).map(([path, text]) => ({ path, text }));
  assert.deepEqual(linesByFolder(sources), [["migrations", 5], ["lib", 2], [".", 1]]);
});
