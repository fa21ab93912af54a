import { lineAt, only } from "../../dev/source/mask.ts";
import type { Source } from "../../dev/source/tree.ts";
import type { Rule, Violation } from "./rule.ts";

export const namesSayWhat: Rule = {
  guarantee: "a file is named after what it holds, never common, utils or helpers",
  check: (sources) =>
    sources.filter(({ path }) => /(^|[/_])(common|utils?|helpers?|misc|stuff)([/.]|$)/.test(path))
      .map(({ path }) => ({ path, line: 1, message: "name it after the one thing that it holds" })),
  broken: [
    { tree: { "lib/utils.ts": "" }, at: ["lib/utils.ts:1"] },
    { tree: { "services/alerts/common/a.ts": "" }, at: ["services/alerts/common/a.ts:1"] },
  ],
  kept: { "lib/money.ts": "", "lib/help_page.ts": "", "data/common_passwords.ts": "" },
};

export const nothingUnfinished: Rule = {
  guarantee: "nothing is unfinished by its own words",
  check: (sources) =>
    inProse(
      sources,
      /\b(TODO|FIXME|XXX|HACK)\b|\bnot (yet )?implemented\b|\bfor now\b/g,
      (word) => `"${word}" stands here: finish it, or say plainly what is missing in the README`,
    ),
  broken: [
    { tree: { "lib/a.ts": `// ${"TO"}DO: more` }, at: ["lib/a.ts:1"] },
    { tree: { "lib/a.ts": `\nf("not imple${"mented"}");` }, at: ["lib/a.ts:2"] },
  ],
  kept: { "lib/a.ts": "const todo = 1; // What is left to do.", "README.md": "Done." },
};

export const noMachinePaths: Rule = {
  guarantee: "no file knows the folders of one machine",
  check: (sources) =>
    inProse(
      sources,
      /(?<![\w./}-])\/(work|farm|root|home|Users)\/[\w.-]+/g,
      (path) => `${path} exists on one machine only: name it from the repository's root`,
    ),
  broken: [
    { tree: { "lib/a.ts": `const data = "/wo${"rk"}/shared";` }, at: ["lib/a.ts:1"] },
    { tree: { "deploy/run.sh": `\ncd /ro${"ot"}/app` }, at: ["deploy/run.sh:2"] },
  ],
  kept: { "README.md": "`../shared/data`, `/v1/home/`, `https://example.com/home/x`, `/var/tmp`" },
};

/** Finds a pattern in every text but this one's own checks: prose, comments and literals, never in code. */
function inProse(sources: Source[], pattern: RegExp, say: (found: string) => string): Violation[] {
  return sources.filter(({ path }) => !path.startsWith("tests/")).flatMap(({ path, text }) =>
    [...(path.endsWith(".ts") ? only(text, "comment", "string", "template") : text).matchAll(
      pattern,
    )].map((match) => ({
      path,
      line: lineAt(text, match.index),
      message: say(match[0]),
    }))
  );
}
