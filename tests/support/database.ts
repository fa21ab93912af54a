import { copyTemplate, type TestDatabase } from "../../dev/test_template.ts";

export type { TestDatabase };

/**
 * A database for one test: a copy of the migrated template that `deno task test` has prepared, unlike any other.
 * @throws Error where the tests were not started with `deno task test`
 */
export async function cloneDatabase(): Promise<TestDatabase> {
  return await copyOf(fromEnvironment("TEST_TEMPLATE_DATABASE"));
}

/** A database in which nothing was ever made, for tests of migrations. */
export async function emptyDatabase(): Promise<TestDatabase> {
  return await copyOf("template0");
}

async function copyOf(template: string): Promise<TestDatabase> {
  // Test files run side by side in one process; the module that runs tells them apart.
  const file = Deno.mainModule.split("/").at(-1) ?? "";
  const label = file.replace(/(_test)?\.ts$/, "");
  return await copyTemplate(fromEnvironment("TEST_DATABASE_URL"), template, label);
}

function fromEnvironment(name: string): string {
  const value = Deno.env.get(name);
  if (value) return value;
  throw new Error("There is no test database. Run the tests with: deno task test [file]");
}
