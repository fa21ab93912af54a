import assert from "node:assert/strict";
import { join } from "node:path";
import { dumpSchema } from "../migrations/mod.ts";
import { cloneDatabase, emptyDatabase } from "./support/database.ts";

const root = join(import.meta.dirname ?? ".", "..");

async function runMain(verb: string, url: string) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-P=migrate", "migrations/main.ts", verb],
    cwd: root,
    env: { DATABASE_URL: url, NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), said: decoder.decode(stderr) };
}

Deno.test("the command line migrates, tells the state by its exit code, and dumps, with no rights but its own", async () => {
  const [empty, migrated] = await Promise.all([emptyDatabase(), cloneDatabase()]);
  try {
    const before = await runMain("status", empty.url);
    assert.equal(before.code, 1, before.said);
    assert.match(before.out, /^pending {2}0001_\w+\.sql$/m);
    const run = await runMain("migrate", empty.url);
    assert.equal(run.code, 0, run.said);
    assert.match(run.out, /\d+ applied, 0 were there before\.\n$/);
    assert.equal((await runMain("status", empty.url)).code, 0);
    assert.equal((await runMain("dump", empty.url)).out, await dumpSchema(migrated.url) + "\n");
  } finally {
    await Promise.all([empty.drop(), migrated.drop()]);
  }
});

Deno.test("the command line says in one line why it cannot", async () => {
  const unreachable = await runMain("migrate", "postgres://nobody:secret@127.0.0.1:1/none");
  assert.equal(unreachable.code, 1);
  assert.match(unreachable.said, /ECONNREFUSED 127\.0\.0\.1:1\n$/);
  assert.doesNotMatch(unreachable.said, /secret|at file:/);
  const misspelt = await runMain("migrat", "postgres://nobody@127.0.0.1:1/none");
  assert.equal(misspelt.code, 1);
  assert.match(misspelt.said, /^usage: /m);
});
