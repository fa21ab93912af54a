/**
 * Prints the sizes of this tree beside the bounds it keeps to, and fails when a hard one is broken.
 * Medians, shares and quantiles are of the product; the longest file and function are of everything.
 * Functions are those with a block body: arrows of one expression would make any median flatter.
 */
import {
  commentShare,
  fileLines,
  functionLines,
  rootEntriesMax,
  rootEntriesOf,
} from "./source/bounds.ts";
import { functionsOf } from "./source/functions.ts";
import { codeLinesOf, commentLinesOf } from "./source/mask.ts";
import { readTree, type Source } from "./source/tree.ts";

/** One line of the table; a soft bound is where we aim, a hard one fails the build. */
export interface FigureRow {
  what: string;
  value: number;
  bound: string;
  ok: boolean;
  hard: boolean;
  /** Where a maximum stands. */
  where?: string;
}

interface Measured {
  where: string;
  lines: number;
}

/** The whole table for a tree, in the order in which it is printed. */
export function figuresOf(sources: Source[]): FigureRow[] {
  const code = sources.filter(({ path }) => path.endsWith(".ts"));
  const product = code.filter(({ path }) => isProduct(path));
  return [
    ...lengthRows("file", filesIn(product), filesIn(code), fileLines),
    ...lengthRows("function", functionsIn(product), functionsIn(code), functionLines),
    commentRow(product),
    atMost("root entries", rootEntriesOf(sources).length, rootEntriesMax, true),
  ];
}

/** Lines of code by first folder, the longest first. */
export function linesByFolder(sources: Source[]): Array<[folder: string, lines: number]> {
  const lines = new Map<string, number>();
  for (const { path, text } of sources) {
    if (!/\.(ts|sql)$/.test(path)) continue;
    const folder = path.includes("/") ? path.slice(0, path.indexOf("/")) : ".";
    lines.set(folder, (lines.get(folder) ?? 0) + codeLinesOf(text));
  }
  return [...lines].sort(([, a], [, b]) => b - a);
}

function isProduct(path: string): boolean {
  return /^(lib|services|routes|workers|migrations)\/|^[^/]+$/.test(path);
}

function lengthRows(
  what: string,
  product: Measured[],
  all: Measured[],
  bound: { median: number; p90: number; max: number },
): FigureRow[] {
  const sorted = product.map(({ lines }) => lines).sort((a, b) => a - b);
  const longest = all.toSorted((a, b) => b.lines - a.lines)[0] ?? { where: "", lines: 0 };
  return [
    atMost(`code lines of a ${what}, median`, quantile(sorted, 0.5), bound.median, false),
    atMost(`code lines of a ${what}, 90th percentile`, quantile(sorted, 0.9), bound.p90, false),
    {
      ...atMost(`code lines of a ${what}, longest`, longest.lines, bound.max, true),
      where: longest.where,
    },
  ];
}

function filesIn(sources: Source[]): Measured[] {
  return sources.map(({ path, text }) => ({ where: path, lines: codeLinesOf(text) }));
}

function functionsIn(sources: Source[]): Measured[] {
  return sources.flatMap(({ path, text }) =>
    functionsOf(text).map(({ firstLine, codeLines }) => ({
      where: `${path}:${firstLine}`,
      lines: codeLines,
    }))
  );
}

function commentRow(sources: Source[]): FigureRow {
  const code = sum(sources.map(({ text }) => codeLinesOf(text)));
  const comments = sum(sources.map(({ text }) => commentLinesOf(text)));
  const share = comments / Math.max(1, code + comments);
  return {
    what: "comment lines, % of code and comments",
    value: Math.round(share * 1000) / 10,
    bound: `${commentShare.min * 100}-${commentShare.max * 100}`,
    ok: share >= commentShare.min && share <= commentShare.max,
    hard: false,
  };
}

function atMost(what: string, value: number, max: number, hard: boolean): FigureRow {
  return { what, value, bound: `<= ${max}`, ok: value <= max, hard };
}

/** The smallest value that at least this share of the sorted values does not exceed; 0 of none. */
function quantile(sorted: number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function print(rows: FigureRow[], folders: Array<[string, number]>): void {
  for (const { what, value, bound, ok, hard, where = "" } of rows) {
    const verdict = ok ? "ok" : hard ? "OVER" : "over";
    const cells = [
      what.padEnd(40),
      String(value).padStart(7),
      bound.padStart(8),
      verdict.padEnd(4),
    ];
    console.log(`${cells.join("  ")}  ${where}`.trimEnd());
  }
  console.log(`\nlines of code: ${folders.map(([name, lines]) => `${name} ${lines}`).join(", ")}`);
}

if (import.meta.main) {
  const tree = readTree();
  const rows = figuresOf(tree);
  print(rows, linesByFolder(tree));
  if (rows.some(({ ok, hard }) => hard && !ok)) Deno.exit(1);
}
