/** The house rules that need a syntax tree, as rules of `deno lint`; `tests/tidy_test.ts` has the rest. */
import type { Guard } from "./guard.ts";
import { adaptersInDeps } from "./rules/adapters.ts";
import { logInsteadOfConsole } from "./rules/console.ts";
import { noDefaultExport } from "./rules/default_export.ts";
import { documentedExports } from "./rules/documented_exports.ts";
import { edgeRunsOnDeno25, heavyPackagesAreLazy, zodIsImportedWhole } from "./rules/edge.ts";
import { environmentInConfig } from "./rules/environment.ts";
import { functionLength } from "./rules/function_length.ts";
import { noHiddenTimeAndChance } from "./rules/hidden_time.ts";
import { noSleepInTests } from "./rules/no_sleep.ts";
import { modelsArePure } from "./rules/pure_model.ts";
import { noFloatingSql, sqlInStore } from "./rules/sql.ts";
import { testsRun } from "./rules/tests_run.ts";
import { typedErrors } from "./rules/typed_errors.ts";
import { verbFileExportsVerb } from "./rules/verb_file.ts";

/** Every rule by its name in diagnostics and in `deno-lint-ignore house/<name>` comments. */
export const guards: Record<string, Guard> = {
  "adapters-in-deps": adaptersInDeps,
  "documented-exports": documentedExports,
  "edge-runs-on-deno-2-5": edgeRunsOnDeno25,
  "environment-in-config": environmentInConfig,
  "function-length": functionLength,
  "heavy-packages-are-lazy": heavyPackagesAreLazy,
  "log-instead-of-console": logInsteadOfConsole,
  "models-are-pure": modelsArePure,
  "no-default-export": noDefaultExport,
  "no-floating-sql": noFloatingSql,
  "no-hidden-time-and-chance": noHiddenTimeAndChance,
  "no-sleep-in-tests": noSleepInTests,
  "sql-in-store": sqlInStore,
  "tests-run": testsRun,
  "typed-errors": typedErrors,
  "verb-file-exports-verb": verbFileExportsVerb,
  "zod-is-imported-whole": zodIsImportedWhole,
};

export default { name: "house", rules: guards } satisfies Deno.lint.Plugin;
