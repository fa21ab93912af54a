import { dottedName, guard, type LintedFile } from "../guard.ts";

const REASON = /skipped: \S/;

export const testsRun = guard(
  "every test runs: none is singled out, and none is ignored without saying why",
  (path) => path.startsWith("tests/"),
  (file) => ({
    MemberExpression(node) {
      const name = dottedName(node) ?? "";
      if (/^(Deno\.test|test|it|describe)\.only$/.test(name)) reportOnly(file, node);
      if (/^(Deno\.test|test|it|describe)\.(ignore|skip)$/.test(name)) reportIgnored(file, node);
    },
    Property(node) {
      if (node.key.type !== "Identifier" || node.value.type !== "Literal") return;
      if (node.value.value !== true) return;
      if (node.key.name === "only") reportOnly(file, node);
      if (node.key.name === "ignore") reportIgnored(file, node);
    },
  }),
);

function reportOnly(file: LintedFile, node: Deno.lint.Node): void {
  file.report(node, "the other tests of this run are left out", "Run one with --filter.");
}

function reportIgnored(file: LintedFile, node: Deno.lint.Node): void {
  const call = file.code.getAncestors(node).find(({ type }) => type === "CallExpression");
  if (call !== undefined && REASON.test(file.code.getText(call))) return;
  file.report(
    node,
    "this test never runs",
    'Say why in its name ("skipped: …"), ignore it on a condition, or delete it.',
  );
}
