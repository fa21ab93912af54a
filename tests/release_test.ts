import assert from "node:assert/strict";
import { environmentFor, startStandIns } from "../dev/stand_ins.ts";
import { emptyDatabase } from "./support/database.ts";
import { openInspector } from "./support/inspector.ts";
import { testAppSecret } from "./support/signing_keys.ts";

Deno.test("a release migrates, notes each migration once, and sets the schedule; once more it changes nothing", async () => {
  const database = await emptyDatabase();
  const appUrl = "https://api.example.com";
  const standIns = await startStandIns({ appUrl });
  const inspect = openInspector(database.url);
  const given = { standIns, databaseUrl: database.url, appUrl, port: 0, appSecret: testAppSecret };
  const release = () =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "-P=server", "--allow-read=migrations", "--quiet", "--no-prompt", "release.ts"],
      env: { ...environmentFor(given), PORT: "8000", NO_COLOR: "1" },
    }).output();
  try {
    for (let time = 0; time < 2; time++) {
      const { code, stdout, stderr } = await release();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      const said = new TextDecoder().decode(stdout);
      assert.match(said, time === 0 ? /[1-9]\d* migrations applied/ : / 0 migrations applied/);
    }
    const files = [...Deno.readDirSync("migrations")].map(({ name }) => name)
      .filter((name) => /^\d{4}_.*\.sql$/.test(name)).toSorted();
    const noted = await inspect.sql<{ name: string }[]>`
      select details ->> 'migration' as name from system_events
      where kind = 'migration_applied' order by 1`;
    assert.deepEqual(noted.map(({ name }) => name), files);
    assert.equal(standIns.qstash.messages().length, 0);
  } finally {
    await inspect.close();
    await standIns.stop();
    await database.drop();
  }
});
