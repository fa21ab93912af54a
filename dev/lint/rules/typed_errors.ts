import { dottedName, guard } from "../guard.ts";

export const typedErrors = guard(
  "services, routes and workers fail with a code of the catalogue, never with a bare Error",
  (path) => /^(services|routes|workers)\//.test(path),
  (file) => ({
    NewExpression(node) {
      if (node.parent.type !== "ThrowStatement" || dottedName(node.callee) !== "Error") return;
      file.report(
        node,
        "a bare Error is thrown",
        "Call fail(code) from lib/errors.ts, or throw an error type that its catcher names.",
      );
    },
  }),
);
