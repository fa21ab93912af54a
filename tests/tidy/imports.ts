import { lineAt, mask } from "../../dev/source/mask.ts";
import type { Source } from "../../dev/source/tree.ts";

/** One import or re-export. */
export interface Import {
  from: string;
  line: number;
  /** A file of ours from the repository's root; otherwise the package as it is written. */
  to: string;
  isLocal: boolean;
  /** Nothing of it is left when the program runs. */
  typeOnly: boolean;
}

/** In code with its strings blanked: `import … from ""`, `export … from ""`, `import ""` and `import("")`. */
const IMPORT =
  /\b(?:import|export)\b([^"';=()]*?)\bfrom\s*(["'] *["'])|\bimport\s*\(?\s*(["'] *["'])/dg;

/** Every import of every TypeScript file, static and dynamic. */
export function importsOf(sources: Source[]): Import[] {
  return sources.filter(({ path }) => path.endsWith(".ts")).flatMap(inFile);
}

/** The same, of files of ours only. */
export function localImports(sources: Source[]): Import[] {
  return importsOf(sources).filter(({ isLocal }) => isLocal);
}

function inFile({ path, text }: Source): Import[] {
  const code = mask(text, "comment", "string", "template", "regex");
  return [...code.matchAll(IMPORT)].map((match) => {
    const [start, end] = match.indices?.[2] ?? match.indices?.[3] ?? [0, 0];
    const specifier = text.slice(start + 1, end - 1);
    const isLocal = specifier.startsWith(".");
    return {
      from: path,
      line: lineAt(text, match.index),
      to: isLocal ? resolve(path, specifier) : specifier,
      isLocal,
      typeOnly: match[1] !== undefined && isTypeOnly(match[1]),
    };
  });
}

/** Of what stands between `import` and `from`: `type { A }`, or braces in which every name is a type. */
function isTypeOnly(clause: string): boolean {
  if (/^\s+type\b/.test(clause)) return true;
  const names = /^\s*\{([^}]*)\}\s*$/.exec(clause)?.[1]?.split(",") ?? [""];
  return names.filter((name) => name.trim() !== "").every((name) => /^\s*type\s/.test(name)) &&
    names.some((name) => name.trim() !== "");
}

function resolve(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}
