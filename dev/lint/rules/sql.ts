import { dottedName, guard, isTooling } from "../guard.ts";

const STATEMENT =
  /^\s*(select|insert|update|delete|merge|truncate|with|create|alter|drop|set|lock|begin|listen|notify|copy)\b/i;

const mayHoldSql = (path: string) =>
  /^services\/\w+\/store(\/\w+)?\.ts$|^migrations\/|^lib\/database/.test(path) || isTooling(path);

export const sqlInStore = guard(
  "SQL stands in a domain's store.ts, or its store/, only",
  (path) => !mayHoldSql(path),
  (file) => ({
    TaggedTemplateExpression(node) {
      if (!isSql(node)) return;
      file.report(
        node,
        "SQL stands outside a store",
        "Make it a function in the domain's store.ts, named after what the statement does.",
      );
    },
    CallExpression(node) {
      if (!/(^|\.)(sql|tx|database)\.unsafe$/.test(dottedName(node.callee) ?? "")) return;
      file.report(node, "unsafe SQL stands outside a store", "Write a statement in store.ts.");
    },
  }),
);

export const noFloatingSql = guard(
  "no query is written down and never run: postgres.js starts one when it is awaited",
  () => true,
  (file) => ({
    TaggedTemplateExpression(node) {
      const isStatement = node.parent.type === "ExpressionStatement" ||
        (node.parent.type === "UnaryExpression" && node.parent.operator === "void");
      if (!isSql(node) || !isStatement) return;
      file.report(node, "this query is never run", "Await it or return it.");
    },
  }),
);

/** Tagged `sql`, whatever it is a member of; or tagged otherwise, but beginning as a statement does. */
function isSql({ tag, quasi }: Deno.lint.TaggedTemplateExpression): boolean {
  const name = dottedName(tag) ?? "";
  return /(^|\.)sql$/.test(name) || STATEMENT.test(quasi.quasis[0]?.raw ?? "");
}
