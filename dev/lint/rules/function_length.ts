import { functionLines } from "../../source/bounds.ts";
import { codeLinesOf } from "../../source/mask.ts";
import { guard, type LintedFile } from "../guard.ts";

type FunctionNode =
  | Deno.lint.ArrowFunctionExpression
  | Deno.lint.FunctionDeclaration
  | Deno.lint.FunctionExpression;

export const functionLength = guard(
  `no function is longer than ${functionLines.max} lines of code`,
  () => true,
  (file) => ({
    ArrowFunctionExpression: (node) => check(file, node),
    FunctionDeclaration: (node) => check(file, node),
    FunctionExpression: (node) => check(file, node),
  }),
);

function check(file: LintedFile, node: FunctionNode): void {
  const text = file.code.getText(node);
  if (text.split("\n").length <= functionLines.max) return;
  const lines = codeLinesOf(text);
  if (lines <= functionLines.max) return;
  file.report(
    node,
    `this function has ${lines} lines of code, ${functionLines.max} are allowed`,
    "Keep the branches here and move the work of each into a function below.",
  );
}
