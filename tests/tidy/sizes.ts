import { codeLinesOf } from "../../dev/source/mask.ts";
import { fileLines, rootEntriesMax, rootEntriesOf } from "../../dev/source/bounds.ts";
import type { Rule } from "./rule.ts";

export const filesAreShort: Rule = {
  guarantee: `no file is longer than ${fileLines.max} lines of code`,
  check: (sources) =>
    sources.filter(({ path }) => path.endsWith(".ts")).flatMap(({ path, text }) => {
      const lines = codeLinesOf(text);
      if (lines <= fileLines.max) return [];
      const message = `${lines} lines of code: find the second thing in it and give it a file`;
      return [{ path, line: 1, message }];
    }),
  broken: [{ tree: { "lib/a.ts": "f();\n".repeat(fileLines.max + 1) }, at: ["lib/a.ts:1"] }],
  kept: { "lib/a.ts": "f();\n\n// Why.\n/*\n * Why.\n */\n".repeat(fileLines.max) },
};

export const rootIsExplained: Rule = {
  guarantee: `the root has at most ${rootEntriesMax} entries, each explained in the README`,
  check: (sources) => {
    const readme = sources.find(({ path }) => path === "README.md")?.text ?? "";
    const entries = rootEntriesOf(sources);
    const unexplained = entries.filter((entry) => !explains(readme, entry)).map((entry) => ({
      path: entry,
      line: 1,
      message: "say in README.md what it is",
    }));
    if (entries.length <= rootEntriesMax) return unexplained;
    const message = `${entries.length} entries at the root: give the newest a place in a folder`;
    return [{ path: "README.md", line: 1, message }, ...unexplained];
  },
  broken: [
    { tree: { "README.md": "README.md says it.", "lib/a.ts": "" }, at: ["lib:1"] },
    { tree: { "README.md": "README.md and calibre.", "lib/a.ts": "" }, at: ["lib:1"] },
    {
      tree: Object.fromEntries(
        ["README.md", ...Array.from({ length: rootEntriesMax }, (_, n) => `f${n}.ts`)].map((
          path,
          _,
          all,
        ) => [path, all.map((name) => `${name}: what it is\n`).join("")]),
      ),
      at: ["README.md:1"],
    },
  ],
  kept: { "README.md": "README.md: this\n`lib/` words", "lib/a.ts": "", "lib/b.ts": "" },
};

/** Whether a line of the README names the entry, and says more than its name. */
function explains(readme: string, entry: string): boolean {
  const name = entry.replaceAll(".", "\\.");
  const named = new RegExp(`(^|[^\\w./-])${name}/?(?![\\w-])`);
  return readme.split("\n").some((line) =>
    named.test(line) && line.trim().length > entry.length + 4
  );
}
