import { openDatabase } from "../../lib/database.ts";
import { silentLog } from "../../lib/log.ts";
import { systemRandom } from "../../lib/random.ts";
import { openRedis } from "../../lib/redis.ts";
import { Secret } from "../../lib/secret.ts";
import { createKeyRing } from "../../services/auth/mod.ts";

/** The secret of every app under test. Keys made with it are in the template, so that no test waits for RSA. */
export const testAppSecret = "dGVzdC1zZWNyZXQtdGVzdC1zZWNyZXQtdGVzdC1zZWNyZXQ=";

/** Makes the signing keys in a migrated database, once for all that are copied from it. */
export async function makeSigningKeys(databaseUrl: string): Promise<void> {
  const world = { log: silentLog, now: Date.now, random: systemRandom };
  const deadlines = { deadlineMs: 30_000, systemDeadlineMs: 30_000 };
  const database = openDatabase({
    url: databaseUrl,
    poolMax: 1,
    prepare: false,
    ...deadlines,
    ...world,
  });
  // Nobody listens there: whoever makes keys for a database that is only copied needs no Redis.
  const nowhere = { url: "http://127.0.0.1:9", token: "none", deadlineMs: 100 };
  const limit = { limit: 1, windowMs: 1 };
  const keys = createKeyRing({
    settings: { appSecret: new Secret(testAppSecret), limitSignIn: limit, limitRefresh: limit },
    database,
    redis: openRedis({ ...nowhere, ...world }),
    ...world,
  });
  await keys.prepare();
  await keys.close();
  await database.close();
}
