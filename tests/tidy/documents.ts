import { lineAt, only } from "../../dev/source/mask.ts";
import type { Source } from "../../dev/source/tree.ts";
import type { Rule } from "./rule.ts";

const FOLDERS = "lib|services|routes|workers|migrations|dev|tests|bench|data|static|deploy|\\.ci";
/** A path in backticks below one of our folders, or a lone file at the root. */
const CITED = new RegExp(`\`((?:${FOLDERS})/[\\w./-]*|deno\\.(?:json|lock)|[\\w-]+\\.ts)\``, "g");

export const citedPathsExist: Rule = {
  guarantee: "a path that a document or a comment cites exists",
  check: (sources) => {
    const paths = new Set(sources.map(({ path }) => path));
    const exists = (cited: string) =>
      paths.has(cited) ||
      sources.some(({ path }) => path.startsWith(`${cited.replace(/\/$/, "")}/`));
    return sources.flatMap((source) =>
      citations(source).filter(({ cited }) => !exists(cited) && !exists(beside(source.path, cited)))
        .map(({ cited, line }) => ({
          path: source.path,
          line,
          message: `${cited} does not exist: name what took its place`,
        }))
    );
  },
  broken: [
    { tree: { "README.md": "See\n`lib/moneys.ts`." }, at: ["README.md:2"] },
    { tree: { "lib/money.ts": "/** Like `services/gone/mod.ts`. */" }, at: ["lib/money.ts:1"] },
    { tree: { "lib/money.ts": "// As `gone.ts` has it." }, at: ["lib/money.ts:1"] },
  ],
  kept: {
    "README.md": "See `lib/money.ts`, `lib/`, `migrations/0001_….sql`, `/v1/plans` and `lib`.",
    "lib/money.ts": '// As `time.ts` beside it.\nconst text = "`lib/gone.ts`";',
    "lib/time.ts": "",
  },
};

interface Citation {
  cited: string;
  line: number;
}

function citations({ path, text }: Source): Citation[] {
  const prose = path.endsWith(".md") ? text : path.endsWith(".ts") ? only(text, "comment") : "";
  return [...prose.matchAll(CITED)].map((match) => ({
    cited: match[1] ?? "",
    line: lineAt(prose, match.index),
  }));
}

function beside(path: string, cited: string): string {
  return `${path.slice(0, path.lastIndexOf("/") + 1)}${cited}`;
}
