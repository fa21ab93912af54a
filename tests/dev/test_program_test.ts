import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import postgres from "postgres";
import { databaseFolder } from "../../dev/postgres/mod.ts";
import { readSummary } from "../../dev/test.ts";
import { pollUntil } from "../support/poll.ts";

const program = join(import.meta.dirname ?? ".", "../../dev/test.ts");

/** Runs `dev/test.ts` on one file with the given text; `given` is the server to use, "" for one of its own. */
async function withRun(
  text: string,
  given: string,
  work: (run: Deno.ChildProcess) => Promise<void>,
) {
  const file = await Deno.makeTempFile({ suffix: "_test.ts" });
  await Deno.writeTextFile(file, text);
  const run = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", program, "--no-check", file],
    env: { TEST_DATABASE_URL: given },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  try {
    await work(run);
  } finally {
    await Deno.remove(file);
  }
}

async function outcomeOf(run: Deno.ChildProcess) {
  const { code, stdout, stderr } = await run.output();
  const decoder = new TextDecoder();
  return {
    code,
    lines: decoder.decode(stdout).trimEnd().split("\n"),
    said: decoder.decode(stderr),
  };
}

const here = Deno.env.get("TEST_DATABASE_URL") ?? "";

async function templates(): Promise<string[]> {
  const sql = postgres(here, { max: 1 });
  const rows =
    await sql`select datname from pg_database where datname like 'template\\_%' order by 1`;
  await sql.end();
  return rows.map(({ datname }) => datname);
}

const summaries: { output: string; expected: { passed: number; failed: number } }[] = [
  { output: "ok | 12 passed | 0 failed (1s)", expected: { passed: 12, failed: 0 } },
  {
    output: "\x1b[31mFAILED\x1b[0m | 3 passed (4 steps) | 1 failed | 2 ignored (5ms)\n",
    expected: { passed: 3, failed: 1 },
  },
  {
    output:
      "a test printed:\nok | 9 passed | 9 failed\n\nok | 1 passed | 0 failed | 6 filtered out\n",
    expected: { passed: 1, failed: 0 },
  },
  { output: "error: Type checking failed.", expected: { passed: 0, failed: 0 } },
];

for (const { output, expected } of summaries) {
  Deno.test(`readSummary() finds ${JSON.stringify(expected)} in ${JSON.stringify(output)}`, () => {
    assert.deepEqual(readSummary(output), expected);
  });
}

Deno.test("a test run ends with its totals, has Deno's exit code, and leaves no template behind", async () => {
  const before = await templates();
  const text =
    `Deno.test("good", () => {}); Deno.test("bad", () => { throw new Error("planted"); });`;
  await withRun(text, here, async (run) => {
    const { code, lines, said } = await outcomeOf(run);
    assert.equal(lines.at(-1), "1 passed, 1 failed", said);
    assert.notEqual(code, 0);
    assert.ok(lines.some((line) => line.includes("planted")));
  });
  assert.deepEqual(await templates(), before);
});

Deno.test("a test run that never comes to its tests counts as a failure", async () => {
  await withRun("this is not a program", here, async (run) => {
    const { code, lines } = await outcomeOf(run);
    assert.deepEqual([code, lines.at(-1)], [1, "0 passed, 1 failed"]);
  });
  await withRun("", "postgres://nobody:secret@127.0.0.1:1/none", async (run) => {
    const { code, lines, said } = await outcomeOf(run);
    assert.deepEqual([code, lines], [1, ["0 passed, 1 failed"]]);
    assert.match(said, /the database none on 127\.0\.0\.1:1 cannot be used/);
  });
});

Deno.test("a test run beside another one has a server of its own, and takes its folder away", async () => {
  const parent = dirname(await databaseFolder("test"));
  const text = `Deno.test("good", () => { if (!Deno.env.get("TEST_DATABASE_URL")) throw 1; });`;
  await withRun(text, "", async (run) => {
    const { code, lines, said } = await outcomeOf(run);
    assert.deepEqual([code, lines.at(-1)], [0, "1 passed, 0 failed"], said);
    await assert.rejects(Deno.stat(join(parent, `test-${run.pid}`)), Deno.errors.NotFound);
  });
});

Deno.test("a test run that is interrupted clears away before it ends", async () => {
  const before = await templates();
  const text = `Deno.test("endless", () => new Promise(() => setInterval(() => {}, 1000)));`;
  await withRun(text, here, async (run) => {
    const outcome = outcomeOf(run);
    await pollUntil("the run to have its template", async () => {
      return (await templates()).length > before.length;
    });
    run.kill("SIGINT");
    const { code } = await outcome;
    assert.equal(code, 130);
  });
  assert.deepEqual(await templates(), before);
});
