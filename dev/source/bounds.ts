/** The sizes that the house keeps to; where they were seen is in the README's chapter on style. */
import type { Source } from "./tree.ts";

/** Lines of code in a file: half of all files, nine in ten, every one. */
export const fileLines = { median: 90, p90: 220, max: 400 };

/** Lines of code in a function with a block body; 70 is what fits on a screen. */
export const functionLines = { median: 12, p90: 35, max: 70 };

/** Comment lines as a share of code and comment lines. */
export const commentShare = { min: 0.08, max: 0.15 };

export const rootEntriesMax = 18;

/** What stands at the root, as `ls` shows it: without names that begin with a dot. */
export function rootEntriesOf(sources: Source[]): string[] {
  const first = sources.map(({ path }) => path.split("/")[0] ?? "");
  return [...new Set(first)].filter((name) => !name.startsWith("."));
}
