import { guard, type LintedFile } from "../guard.ts";

/** What others call: all of lib, the verbs of a domain, and the doors of domains and models. */
const isPublic = (path: string) =>
  /^lib\/|^services\/\w+\.ts$|^services\/\w+\/(mod|[a-z0-9]+_\w+|model\/mod)\.ts$/.test(path);

export const documentedExports = guard(
  "a function that others call says what it does in a doc comment",
  isPublic,
  (file) => ({
    ExportNamedDeclaration(node) {
      const name = exportedFunction(node);
      if (name === null || hasDocComment(file, node)) return;
      file.report(
        node,
        `${name}() has no doc comment`,
        "Say in a sentence what it does: its units, its errors, the source of its formula.",
      );
    },
  }),
);

function exportedFunction({ declaration }: Deno.lint.ExportNamedDeclaration): string | null {
  if (declaration?.type === "FunctionDeclaration") return declaration.id?.name ?? "a function";
  if (declaration?.type !== "VariableDeclaration") return null;
  const first = declaration.declarations[0];
  const isFunction = first?.init?.type === "ArrowFunctionExpression";
  return isFunction && first?.id.type === "Identifier" ? first.id.name : null;
}

function hasDocComment(file: LintedFile, node: Deno.lint.Node): boolean {
  const last = file.code.getCommentsBefore(node).at(-1);
  return last?.type === "Block" && last.value.startsWith("*");
}
