import { dottedName, guard, isTooling, type LintedFile } from "../guard.ts";

export const environmentInConfig = guard(
  "only config.ts reads the environment",
  (path) => path !== "config.ts" && !isTooling(path),
  (file) => ({
    MemberExpression(node) {
      const name = dottedName(node) ?? "";
      if (!/^(globalThis\.)?(Deno|process)\.env$/.test(name) || handsOver(file, node)) return;
      file.report(
        node,
        `${name} is read outside config.ts`,
        "Add a setting to config.ts and take its value from deps.ts.",
      );
    },
  }),
);

/** What config.ts exports for reading. */
const readers = new Set(["readConfig", "readDatabaseUrl"]);

/** A reader of config.ts, called in a program's entry, is handed the environment: that reads nothing by itself. */
function handsOver(file: LintedFile, node: Deno.lint.Node): boolean {
  return file.code.getAncestors(node).some((ancestor) =>
    ancestor.type === "CallExpression" && readers.has(dottedName(ancestor.callee) ?? "")
  );
}
