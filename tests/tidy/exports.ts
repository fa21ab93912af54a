import { lineAt, mask } from "../../dev/source/mask.ts";
import type { Source } from "../../dev/source/tree.ts";
import type { Rule } from "./rule.ts";

/** Types are left out: they name what a function takes and gives, for whoever reads its signature. */
const EXPORTED = /^export (?:async )?(?:function\*?|const|let) (\w+)/gm;

export const exportsAreUsed: Rule = {
  guarantee: "every function and value that the product exports is used in another file",
  check: (sources) => {
    const files = sources.filter(({ path }) => path.endsWith(".ts")).map(readFile);
    const users = new Map<string, number>();
    for (const { words } of files) {
      for (const word of words) users.set(word, (users.get(word) ?? 0) + 1);
    }
    return files.filter(({ path }) => !/^(dev|tests|bench)\//.test(path)).flatMap((file) =>
      [...file.code.matchAll(EXPORTED)].filter(([, name = ""]) => (users.get(name) ?? 0) < 2).map((
        match,
      ) => ({
        path: file.path,
        line: lineAt(file.code, match.index),
        message: `nothing else uses ${match[1]}: keep it to this file, or take it away`,
      }))
    );
  },
  broken: [
    { tree: { "lib/a.ts": "export function f() {}\nf();" }, at: ["lib/a.ts:1"] },
    {
      tree: {
        "services/alerts/list_alerts.ts": "\nexport async function listAlerts() {}",
        "services/alerts/mod.ts": 'export { listAlerts } from "./list_alerts.ts";\n// listAlerts',
      },
      at: ["services/alerts/list_alerts.ts:2"],
    },
    {
      tree: { "lib/a.ts": "export type T = 1;\nexport const t: T = 1;\nt;" },
      at: ["lib/a.ts:2"],
    },
  ],
  kept: {
    "lib/a.ts": "export function f() {}\nexport interface I {}\nfunction own() {}",
    "tests/a_test.ts": 'import { f, type I } from "../lib/a.ts";',
    "routes/mod.ts": "export type Api = 1;",
    "dev/a.ts": "export const unused = 1;",
  },
};

interface ReadFile {
  path: string;
  code: string;
  /** Every word of the code, but for names that are only passed on. */
  words: Set<string>;
}

function readFile({ path, text }: Source): ReadFile {
  const code = mask(text, "comment", "string");
  const used = code.replace(/^export (?:type )?\{[^}]*\} from/gm, "");
  return { path, code, words: new Set(used.match(/\w+/g)) };
}
