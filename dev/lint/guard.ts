import { root } from "../source/tree.ts";

/** A lint rule that says what it guarantees; the guarantee is the name of its test. */
export interface Guard extends Deno.lint.Rule {
  guarantee: string;
}

/** The file under the rule, with its path from the repository's root. */
export interface LintedFile {
  path: string;
  code: Deno.lint.SourceCode;
  /** `message` says what is wrong, `instead` what to do. */
  report(node: Deno.lint.Node, message: string, instead: string): void;
}

/** A rule over the files that `covers` names. */
export function guard(
  guarantee: string,
  covers: (path: string) => boolean,
  visit: (file: LintedFile) => Deno.lint.LintVisitor,
): Guard {
  return {
    guarantee,
    create(context) {
      const path = context.filename.replace(root, "");
      if (!covers(path)) return {};
      return visit({
        path,
        code: context.sourceCode,
        report: (node, message, hint) => context.report({ node, message, hint }),
      });
    },
  };
}

/** Programs around the product: free to read the clock, the environment and the console. */
export const isTooling = (path: string): boolean => /^(dev|tests|bench|\.ci)\//.test(path);

/** Code that the edge process may load. The market feed is a container of its own. */
export const isEdge = (path: string): boolean =>
  /^(lib|services|routes|workers)\/|^[^/]+\.ts$/.test(path) && path !== "workers/feed.ts";

export const isModel = (path: string): boolean => /^services\/\w+\/model\//.test(path);

/** `Date.now` for the expression `Date.now`; undefined for anything but plain names joined by dots. */
export function dottedName(node: Deno.lint.Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type === "ThisExpression") return "this";
  if (node.type !== "MemberExpression" || node.property.type !== "Identifier") return undefined;
  const object = dottedName(node.object);
  return object === undefined || node.computed ? undefined : `${object}.${node.property.name}`;
}
