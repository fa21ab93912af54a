import { dottedName, guard, isTooling } from "../guard.ts";

const INSTEAD: Record<string, string> = {
  "Date.now": "Take `now` from ctx, or a time as an argument.",
  "Math.random": "Take `random` from ctx, or a generator as an argument.",
  "crypto.randomUUID": "Take `newId` from ctx, or an id as an argument.",
};
const SOURCES = new Set(["deps.ts", "lib/time.ts", "lib/random.ts", "lib/ids.ts"]);

export const noHiddenTimeAndChance = guard(
  "time, chance and ids come in as arguments, so that every outcome can be repeated",
  (path) => !SOURCES.has(path) && !isTooling(path),
  (file) => ({
    MemberExpression(node) {
      const name = dottedName(node)?.replace("globalThis.", "") ?? "";
      const instead = INSTEAD[name];
      if (instead !== undefined) file.report(node, `${name} is hidden input`, instead);
    },
    NewExpression(node) {
      if (dottedName(node.callee) !== "Date" || node.arguments.length > 0) return;
      file.report(node, "new Date() is hidden input", "Take `now` from ctx, and pass it in.");
    },
  }),
);
