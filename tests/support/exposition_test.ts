import assert from "node:assert/strict";
import { parseExposition } from "./exposition.ts";

const head = "# HELP a_total A.\n# TYPE a_total counter\n";
const histogram = "# HELP h H.\n# TYPE h histogram\n";

const wrong: [what: string, text: string][] = [
  ["no end of line", `${head}a_total 1`],
  ["a sample before its head", "a_total 1\n"],
  ["a metric twice", `${head}a_total 1\n${head}a_total 1\n`],
  ["a series twice", `${head}a_total{x="1"} 1\na_total{x="1"} 2\n`],
  ["another metric's sample", `${head}b_total 1\n`],
  ["a quote that is not escaped", `${head}a_total{x="a"b"} 1\n`],
  ["an unknown escape", `${head}a_total{x="a\\tb"} 1\n`],
  ["a value that is none", `${head}a_total one\n`],
  ["no type", "# HELP a_total A.\na_total 1\n"],
  ["a counter by another name", "# HELP a A.\n# TYPE a counter\na 1\n"],
  ["a metric without samples", head],
  ["buckets that shrink", `${histogram}h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_count 1\n`],
  ["buckets without end", `${histogram}h_bucket{le="1"} 1\nh_count 1\n`],
  ["a count of its own", `${histogram}h_bucket{le="+Inf"} 1\nh_count 2\n`],
];

Deno.test("the parser of expositions that other tests lean on refuses what a scraper would", () => {
  assert.equal(parseExposition(`${head}a_total{x="a\\"\\\\\\n"} +Inf\n`).size, 1);
  for (const [what, text] of wrong) assert.throws(() => parseExposition(text), what);
});
