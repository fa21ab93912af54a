/** What a document claims about this repository, and which of it is not so. */

export interface Document {
  path: string;
  text: string;
}

/** Commands that run a task nobody defined. */
export function unknownTasks({ path, text }: Document, tasks: string[]): string[] {
  return [...text.matchAll(/\bdeno(?:@[\d.]+)? task ([a-z][\w:-]*)/g)]
    .filter(([, task = ""]) => !tasks.includes(task))
    .map(([command]) => `${path}: ${command}`);
}

/** Links to files of ours that are not there; links to the web are not followed. */
export function missingLinks({ path, text }: Document, paths: string[]): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^(#|[a-z]+:)/.test(target))
    .filter((target) => !exists(new URL(target, `file:///${path}`).pathname.slice(1), paths))
    .map((target) => `${path}: ${target}`);
}

/**
 * Entries of a drawn tree that are not there: in a fenced block, lines that begin with a name and go on, after two
 * blanks or more, with what it is. Indented names are looked for at any depth.
 */
export function unknownEntries({ path, text }: Document, paths: string[]): string[] {
  return [...text.matchAll(/^```\w*\n([\s\S]*?)^```/gm)]
    .flatMap(([, block = ""]) => [...block.matchAll(/^( *)([\w.-]*[./][\w./-]*) {2,}\S/gm)])
    .filter(([, indent = "", name = ""]) =>
      indent === ""
        ? !exists(name, paths)
        : !paths.some((known) => `/${known}/`.includes(`/${name}`))
    )
    .map(([, , name = ""]) => `${path}: ${name}`);
}

function exists(name: string, paths: string[]): boolean {
  const plain = name.replace(/\/$/, "");
  return paths.some((known) => known === plain || known.startsWith(`${plain}/`));
}
