import { dottedName, guard, isTooling } from "../guard.ts";

const MAY_PRINT = new Set(["lib/log.ts", "migrations/main.ts"]);

export const logInsteadOfConsole = guard(
  "nothing but lib/log.ts writes to the console",
  (path) => !MAY_PRINT.has(path) && !isTooling(path),
  (file) => ({
    MemberExpression(node) {
      if (dottedName(node.object) !== "console") return;
      file.report(
        node,
        "the console is written to directly",
        "Use ctx.log: it redacts and has levels.",
      );
    },
  }),
);
