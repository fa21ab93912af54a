import assert from "node:assert/strict";
import { withApp } from "../support/app.ts";
import { jobs } from "../../workers/mod.ts";

Deno.test("the job delete_idempotency_keys runs by the clock, and forgets the answers of the day before", async () => {
  const job = jobs.find(({ name }) => name === "delete_idempotency_keys");
  await withApp(async (app) => {
    assert.deepEqual(job?.schedule?.(app.deps.settings), {
      everySeconds: 3_600,
      offsetSeconds: 17 * 60,
    });
    const { sql } = app.inspect;
    await sql`
      insert into idempotency_keys (user_id, route, key, fingerprint, status, headers, body, created_at)
      select gen_random_uuid(), 'POST /v1/plans', hours || 'h', ${new Uint8Array(
      32,
    )}, 201, '{}', '',
             now() - hours * interval '1 hour'
      from unnest(array[0, 23, 25, 200]) hours`;
    await sql`insert into outbox (id, job, key, version, payload)
              values (gen_random_uuid(), 'delete_idempotency_keys', 'test', 1, '{}')`;
    app.deps.context("test", { address: "", userAgent: "" }).queue.nudge();
    await app.settle();
    const left = await sql<{ key: string }[]>`select key from idempotency_keys order by 1`;
    assert.deepEqual(left.map(({ key }) => key), ["0h", "23h"]);
  });
});
