import type { Source } from "../../dev/source/tree.ts";

/** What is wrong, where, and what to do instead. */
export interface Violation {
  path: string;
  line: number;
  message: string;
}

/** Files by path: a tree small enough to read. */
export type SmallTree = Record<string, string>;

/**
 * One promise of the house, checked over all files at once. Every rule carries trees that break it, with the places
 * it must name, and a tree that keeps it: so a rule that stops working fails its own test.
 */
export interface Rule {
  guarantee: string;
  check(sources: Source[]): Violation[];
  broken: Array<{ tree: SmallTree; at: string[] }>;
  kept: SmallTree;
}

/** The places of violations, as `path:line`. */
export function placesOf(violations: Violation[]): string[] {
  return violations.map(({ path, line }) => `${path}:${line}`);
}

export function sourcesOf(tree: SmallTree): Source[] {
  return Object.entries(tree).map(([path, text]) => ({ path, text }));
}

/** Fails with every violation on a line of its own. */
export function assertNone(violations: Violation[]): void {
  if (violations.length === 0) return;
  const lines = violations.map(({ path, line, message }) => `  ${path}:${line}: ${message}`);
  throw new Error(`${violations.length} to put right:\n${lines.join("\n")}`);
}
