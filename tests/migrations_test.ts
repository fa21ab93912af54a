import assert from "node:assert/strict";
import { databaseFolder } from "../dev/postgres/mod.ts";
import { openCluster } from "../dev/postgres/cluster.ts";
import { serverAccount } from "../dev/postgres/folders.ts";
import { launch } from "../dev/postgres/launch.ts";
import { findSystem } from "../dev/postgres/system.ts";
import { dumpSchema, migrate } from "../migrations/mod.ts";
import { cloneDatabase } from "./support/database.ts";

const committed = await Deno.readTextFile(new URL("../migrations/schema.sql", import.meta.url))
  .catch(() => "");
const stale = "migrations/schema.sql is not what the migrations lead to: run `deno task schema`";

Deno.test("migrations/schema.sql is the schema that the migrations lead to", async () => {
  const database = await cloneDatabase();
  try {
    assert.equal(await dumpSchema(database.url), committed, stale);
  } finally {
    await database.drop();
  }
});

const older = await findSystem(serverAccount());
const olderName = older
  ? `Postgres ${older.major}`
  : "another Postgres (skipped: none is installed)";

Deno.test({
  name: `the migrations lead to the same schema on ${olderName}`,
  ignore: !older,
  async fn() {
    if (!older) return;
    const dataDir = await databaseFolder(`check-${crypto.randomUUID().slice(0, 8)}`);
    const options = { dataDir, binaries: older, account: serverAccount(), durable: false };
    const cluster = await openCluster({ ...options, fresh: true });
    const server = await launch({ ...options, cluster });
    try {
      const url = `postgres://postgres:${cluster.password}@127.0.0.1:${server.port}/postgres`;
      await migrate({ url });
      assert.equal(await dumpSchema(url), committed);
    } finally {
      await server.stop();
      await Deno.remove(dataDir, { recursive: true });
    }
  },
});
