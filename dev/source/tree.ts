/** The files of this repository as values, so that every check over them is a pure function. */

/** One file: its path from the repository's root, with `/`, and its text ("" where it is not text). */
export interface Source {
  path: string;
  text: string;
}

/** The repository's root, with a trailing slash. */
export const root: string = new URL("../../", import.meta.url).pathname;

const TEXT = /\.(ts|js|sql|md|json|html|css|ya?ml|toml|sh|txt|example)$|(^|\/)[^/.]+$/;
const LARGEST_TEXT_BYTES = 1_000_000;

/** Reads every file of the tree that belongs to the repository, sorted by path. */
export function readTree(): Source[] {
  const ignored = new Set([".git", ...ignoredNames()]);
  return [...filesBelow("", ignored)].sort().map((path) => ({ path, text: textOf(path) }));
}

/** Names that `.gitignore` lists; each entry there is a plain file or folder name. */
function ignoredNames(): string[] {
  return Deno.readTextFileSync(`${root}.gitignore`)
    .split("\n")
    .map((line) => line.trim().replaceAll("/", ""))
    .filter((name) => name !== "" && !name.startsWith("#"));
}

function* filesBelow(folder: string, ignored: Set<string>): Generator<string> {
  for (const entry of Deno.readDirSync(`${root}${folder}`)) {
    if (ignored.has(entry.name)) continue;
    if (entry.isDirectory) yield* filesBelow(`${folder}${entry.name}/`, ignored);
    else yield `${folder}${entry.name}`;
  }
}

function textOf(path: string): string {
  if (!TEXT.test(path)) return "";
  const file = `${root}${path}`;
  return Deno.statSync(file).size > LARGEST_TEXT_BYTES ? "" : Deno.readTextFileSync(file);
}
