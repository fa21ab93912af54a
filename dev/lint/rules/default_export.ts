import { guard } from "../guard.ts";

/** Deno reads a lint plugin from its default export. */
const MAY_EXPORT_DEFAULT = new Set(["dev/lint/plugin.ts"]);

export const noDefaultExport = guard(
  "a thing has one name wherever it is used: nothing is exported as default",
  (path) => !MAY_EXPORT_DEFAULT.has(path),
  (file) => ({
    ExportDefaultDeclaration(node) {
      file.report(node, "a default export has no name", "Export it by its name.");
    },
  }),
);
