import { dottedName, guard, type LintedFile } from "../guard.ts";

export const noSleepInTests = guard(
  "no test sleeps: it waits for what it expects, or moves the clock",
  (path) => path.startsWith("tests/") && !/^tests\/support\/|_support\.ts$/.test(path),
  (file) => ({
    CallExpression(node) {
      const name = dottedName(node.callee) ?? "";
      const sleeps = /^(sleep|delay)$/.test(name) ||
        (name === "setTimeout" && resolves(file, node));
      if (!sleeps) return;
      file.report(
        node,
        "this test sleeps",
        "Poll for the outcome with a deadline (tests/support), wait for an event, or hand in a clock.",
      );
    },
  }),
);

/** Whether this timer does nothing but settle the promise it stands in: a deadline that rejects is fine. */
function resolves(file: LintedFile, timer: Deno.lint.CallExpression): boolean {
  const promise = file.code.getAncestors(timer).findLast(({ type }) => type === "NewExpression");
  if (promise?.type !== "NewExpression" || dottedName(promise.callee) !== "Promise") return false;
  const executor = promise.arguments[0];
  const resolve = executor?.type === "ArrowFunctionExpression" ? executor.params[0] : undefined;
  const callback = timer.arguments[0];
  if (resolve?.type !== "Identifier" || callback === undefined) return false;
  return callback.type === "Identifier"
    ? callback.name === resolve.name
    : new RegExp(`=>\\s*\\{?\\s*${resolve.name}\\(`).test(file.code.getText(callback));
}
