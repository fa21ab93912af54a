/** What documents say about commands, files and settings is true. Cited paths are held by `tests/tidy_test.ts`. */
import assert from "node:assert/strict";
import { renderEnvExample } from "../config.ts";
import { readTree, root } from "../dev/source/tree.ts";
import { type Document, missingLinks, unknownEntries, unknownTasks } from "./docs/claims.ts";

const tree = readTree();
const paths = tree.map(({ path }) => path);
const tasks: string[] = Object.keys(JSON.parse(read("deno.json")).tasks ?? {});
const documents: Document[] = tree.filter(({ path }) => path.endsWith(".md"));

function read(path: string): string {
  return Deno.readTextFileSync(`${root}${path}`);
}

Deno.test("every command `deno task …` in a document is a task", () => {
  assert.deepEqual(documents.flatMap((document) => unknownTasks(document, tasks)), []);
});

Deno.test("every task is explained in the README", () => {
  const readme = read("README.md");
  assert.deepEqual(tasks.filter((task) => !readme.includes(`task ${task}`)), []);
});

Deno.test("every link to a file of ours in a document leads somewhere", () => {
  assert.deepEqual(documents.flatMap((document) => missingLinks(document, paths)), []);
});

Deno.test("every file and folder that a document draws as a tree exists", () => {
  assert.deepEqual(documents.flatMap((document) => unknownEntries(document, paths)), []);
});

Deno.test(".env.example is what config.ts says about its settings", () => {
  assert.equal(
    read(".env.example"),
    renderEnvExample(),
    "write it anew: deno eval \"import { renderEnvExample } from './config.ts'; " +
      "Deno.writeTextFileSync('.env.example', renderEnvExample())\"",
  );
});

Deno.test("a document that names a task, a link or an entry that is not there is found out", () => {
  const document = {
    path: "docs/a.md",
    text: "`deno task fly`, `npx -y deno@2.9.6 task test`\n" +
      "[gone](../gone.md) [here](b.md#part) [web](https://example.com)\n" +
      "```\nlib/      words\n  money.ts  amounts\nattic/    nothing\nplain words here\n```\n",
  };
  const known = ["docs/a.md", "docs/b.md", "lib/money.ts"];
  assert.deepEqual(unknownTasks(document, ["test"]), ["docs/a.md: deno task fly"]);
  assert.deepEqual(missingLinks(document, known), ["docs/a.md: ../gone.md"]);
  assert.deepEqual(unknownEntries(document, known), ["docs/a.md: attic/"]);
});
