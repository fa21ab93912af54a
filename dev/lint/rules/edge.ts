import { dottedName, guard, isEdge, isTooling } from "../guard.ts";

/** Packages that take 10 ms or more to load, or hold what only some requests need. */
const HEAVY = new Set([
  "postgres",
  "@upstash/qstash",
  "liquidjs",
  "hash-wasm",
  "temporal-polyfill",
]);

export const heavyPackagesAreLazy = guard(
  "the edge starts without its heavy packages: each is imported where it is first used",
  isEdge,
  (file) => ({
    ImportDeclaration(node) {
      const typeOnly = node.importKind === "type" ||
        (node.specifiers.length > 0 &&
          node.specifiers.every((specifier) =>
            specifier.type === "ImportSpecifier" && specifier.importKind === "type"
          ));
      if (typeOnly || !HEAVY.has(node.source.value)) return;
      file.report(
        node,
        `${node.source.value} is loaded at start`,
        `Write \`await import("${node.source.value}")\` where it is needed, and keep the promise.`,
      );
    },
    ImportExpression(node) {
      if (node.source.type === "Literal") return;
      file.report(node, "the bundler cannot see this import", "Name the module in a plain string.");
    },
  }),
);

export const edgeRunsOnDeno25 = guard(
  "the edge runs where it is deployed: no global that Deno 2.5 lacks",
  (path) => isEdge(path) && path !== "lib/zoned_time.ts",
  (file) => ({
    MemberExpression(node) {
      const name = dottedName(node.object);
      if (name !== "Temporal" && name !== "globalThis.Temporal") return;
      file.report(node, "Deno 2.5 has no Temporal", "Use lib/zoned_time.ts.");
    },
  }),
);

/**
 * `import { z }` carries zod's texts in every language into the bundle, since an object of everything cannot be thinned
 * out: 812 kB against 474 kB.
 */
export const zodIsImportedWhole = guard(
  "zod is imported as a namespace, so that the bundle holds only what is used",
  (path) => !isTooling(path),
  (file) => ({
    ImportDeclaration(node) {
      if (node.source.value !== "zod" || node.importKind === "type") return;
      const named = node.specifiers.some(({ type }) => type !== "ImportNamespaceSpecifier");
      if (named) file.report(node, "zod is imported by name", 'Write: import * as z from "zod";');
    },
  }),
);
