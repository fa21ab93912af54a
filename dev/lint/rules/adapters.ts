import { dottedName, guard, isTooling } from "../guard.ts";

const OPENERS = new Set([
  "postgres",
  "Redis",
  "Client",
  "Deno.serve",
  "Deno.listen",
  "Deno.connect",
]);

/** deps.ts composes them; what it calls stands in `lib` or in a vendor's folder. */
const mayOpen = (path: string) =>
  /^(deps|main)\.ts$|^lib\/|^migrations\/main\.ts$|^services\/\w+\/providers\/\w+\//.test(path);

export const adaptersInDeps = guard(
  "connections are opened by adapters only, and adapters are put together in deps.ts",
  (path) => !mayOpen(path) && !isTooling(path),
  (file) => {
    const check = (node: Deno.lint.CallExpression | Deno.lint.NewExpression) => {
      const name = dottedName(node.callee) ?? "";
      if (!OPENERS.has(name)) return;
      file.report(
        node,
        `${name} opens a connection here`,
        "Open it in deps.ts (or in a vendor's client.ts that deps.ts calls), and take it from ctx.",
      );
    };
    return { CallExpression: check, NewExpression: check };
  },
);
