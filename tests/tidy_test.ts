/** The rules of the house. Each is one test; each has a second one in which it must find a planted fault. */
import assert from "node:assert/strict";
import plugin, { guards } from "../dev/lint/plugin.ts";
import { lineAt } from "../dev/source/mask.ts";
import { readTree } from "../dev/source/tree.ts";
import { citedPathsExist } from "./tidy/documents.ts";
import { exportsAreUsed } from "./tidy/exports.ts";
import { askedJobsExist, jobsAreTested } from "./tidy/jobs.ts";
import {
  domainsHaveDoors,
  domainsInOrder,
  layersInOrder,
  libImportsNothing,
  modelsImportModels,
  productWithoutTooling,
} from "./tidy/layers.ts";
import { tablesHaveOwners, tablesWrittenByOwners } from "./tidy/ownership.ts";
import { personalTablesAreRegistered, personalTablesHaveWalls } from "./tidy/personal.ts";
import { assertNone, placesOf, type Rule, sourcesOf, type Violation } from "./tidy/rule.ts";
import { filesAreShort, rootIsExplained } from "./tidy/sizes.ts";
import { namesSayWhat, noMachinePaths, nothingUnfinished } from "./tidy/words.ts";

const rules: Rule[] = [
  personalTablesAreRegistered,
  personalTablesHaveWalls,
  libImportsNothing,
  modelsImportModels,
  domainsHaveDoors,
  domainsInOrder,
  tablesHaveOwners,
  tablesWrittenByOwners,
  layersInOrder,
  productWithoutTooling,
  askedJobsExist,
  jobsAreTested,
  exportsAreUsed,
  filesAreShort,
  namesSayWhat,
  rootIsExplained,
  citedPathsExist,
  nothingUnfinished,
  noMachinePaths,
];

const tree = readTree();

for (const rule of rules) {
  Deno.test(rule.guarantee, () => assertNone(rule.check(tree)));

  Deno.test(`a fault is found against: ${rule.guarantee}`, () => {
    for (const { tree, at } of rule.broken) {
      assert.deepEqual(
        placesOf(rule.check(sourcesOf(tree))),
        at,
        JSON.stringify(tree).slice(0, 300),
      );
    }
    assert.deepEqual(placesOf(rule.check(sourcesOf(rule.kept))), []);
    assert.ok(rule.broken.length > 0);
  });
}

// Rules that need a syntax tree are rules of `deno lint`, with their planted faults in tests/dev/lint_plugin_test.ts.
const linted = tree.filter(({ path }) => path.endsWith(".ts")).flatMap(({ path, text }) =>
  Deno.lint.runPlugin(plugin, path, text).map((found) => ({ ...found, path, text }))
);

for (const [name, { guarantee }] of Object.entries(guards)) {
  Deno.test(guarantee, () =>
    assertNone(
      linted.filter(({ id }) => id === `house/${name}`).map((
        { path, text, range, message, hint },
      ) => (
        { path, line: lineAt(text, range[0]), message: `${message}. ${hint}` } satisfies Violation
      )),
    ));
}
