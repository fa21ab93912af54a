import assert from "node:assert/strict";
import { functionsOf } from "../../dev/source/functions.ts";
import { codeLinesOf, commentLinesOf, lineAt, mask, only } from "../../dev/source/mask.ts";

const literals = ["comment", "string", "template", "regex"] as const;

/** Text, and what is left of it with literals blanked; runs of blanks are written as one. */
const masked: Array<[text: string, code: string]> = [
  ["a // it's `b`", "a "],
  ['a("// no");', 'a(" ");'],
  ["a(/[\"'`/]/, b);", "a(/ /, b);"],
  ["a / b / c", "a / b / c"],
  ["return /x'/.test(y)", "return / /.test(y)"],
  ["`a ${b(`c ${d} e`)} f`", "` {b(` {d} `)} `"],
  ["`\\`${x}\\${y}`", "` {x} `"],
  ["f({ a: 1 }) / 2 // b", "f({ a: 1 }) / 2 "],
];

for (const [text, code] of masked) {
  Deno.test(`mask() leaves only the code of ${text}`, () => {
    const left = mask(text, ...literals);
    assert.equal(left.replace(/ +/g, " "), code);
    assert.equal(left.length, text.length);
  });
}

Deno.test("only() keeps what it is asked for on the line where it stands", () => {
  assert.equal(only('a; // b\nc("d");\n/* e */ f', "comment"), "   // b\n       \n/* e */");
});

Deno.test("lines with code and comment count as code, lines of comment as comment", () => {
  const text = "/* a\n * b\n */\nf(); // c\n\n// d\ng();\n";
  assert.deepEqual([codeLinesOf(text), commentLinesOf(text)], [2, 4]);
});

Deno.test("lineAt() counts from 1", () => {
  assert.deepEqual([0, 1, 2, 3].map((offset) => lineAt("a\nb\n", offset)), [1, 1, 2, 2]);
});

const functions: Array<[text: string, count: number]> = [
  ["function f(): { a: string } {\n}", 1],
  ["const f = (a: number): Promise<Map<string, { b: 1 }>> => {\n};", 1],
  ["function f(): (x: number) => void {\n}", 1],
  ["const o = { m(a) { return a; }, get g() { return 1; } };", 2],
  ["if (a) { b(); } else { c(); }\nfor (const x of y) { d(x); }", 0],
  ["const a = b ? c(d) : { e: 1 };", 0],
  ["const a = b ? c(d) : `${e(f)}`;", 0],
  ["interface A { m(x: string): void; n(): { a: 1 } }", 0],
  ["const f = (x) => x + 1;", 0],
  ["f(() => { g((x) => { h(x); }); });", 2],
];

for (const [text, count] of functions) {
  Deno.test(`functionsOf() finds ${count} with a body in ${text.replace(/\s+/g, " ")}`, () => {
    assert.equal(functionsOf(text).length, count);
  });
}
