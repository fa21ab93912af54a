/** `deno task schema`: writes `migrations/schema.sql` from a database that has just been migrated. */
import { join } from "node:path";
import { dumpSchema } from "../migrations/mod.ts";
import { startTestServer } from "./test_server.ts";
import { copyTemplate } from "./test_template.ts";

const schemaFile = join(import.meta.dirname ?? ".", "../migrations/schema.sql");

async function writeSchema() {
  const server = await startTestServer(Deno.env.get("TEST_DATABASE_URL"));
  try {
    const database = await copyTemplate(server.url, server.template, "schema");
    await Deno.writeTextFile(schemaFile, await dumpSchema(database.url));
    await database.drop();
  } finally {
    await server.stop();
  }
}

if (import.meta.main) {
  await writeSchema();
  console.log(`Wrote ${schemaFile}`);
}
