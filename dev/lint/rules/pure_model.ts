import { guard, isModel, type LintedFile } from "../guard.ts";

const INSTEAD = "Load in the verb, hand the values in, and keep the model a plain calculation.";

type FunctionNode =
  | Deno.lint.ArrowFunctionExpression
  | Deno.lint.FunctionDeclaration
  | Deno.lint.FunctionExpression;

export const modelsArePure = guard(
  "a model calculates and nothing else: it is synchronous and takes no ctx",
  isModel,
  (file) => ({
    ArrowFunctionExpression: (node) => check(file, node),
    FunctionDeclaration: (node) => check(file, node),
    FunctionExpression: (node) => check(file, node),
    NewExpression(node) {
      if (file.code.getText(node.callee) === "Promise") file.report(node, "a model waits", INSTEAD);
    },
    CallExpression(node) {
      if (file.code.getText(node.callee) === "fetch") file.report(node, "a model fetches", INSTEAD);
    },
    ImportExpression: (node) => file.report(node, "a model loads code", INSTEAD),
  }),
);

function check(file: LintedFile, node: FunctionNode): void {
  if (node.async) file.report(node, "a function of a model is async", INSTEAD);
  const takesCtx = node.params.some((param) => param.type === "Identifier" && param.name === "ctx");
  if (takesCtx) file.report(node, "a function of a model takes ctx", INSTEAD);
}
