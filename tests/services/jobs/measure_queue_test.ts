import assert from "node:assert/strict";
import { asSystem } from "../../../services/ctx.ts";
import { measureQueue } from "../../../services/jobs/mod.ts";
import { type TestApp, withApp } from "../../support/app.ts";

const nowhere = { address: "", userAgent: "" };
const measure = (app: TestApp) => measureQueue(asSystem(app.deps.context("t", nowhere), "test"));
const near = (seconds: number, expected: number) => Math.abs(seconds - expected) < 5;

Deno.test("with nothing waiting every figure is zero", async () => {
  await withApp(async (app) => {
    const none = { count: 0, oldestSeconds: 0 };
    assert.deepEqual(await measure(app), { outbox: none, running: none, failed: none, dead: 0 });
  });
});

Deno.test("what waits is counted at its stage, with the age of the first; what is done is not", async () => {
  await withApp(async (app) => {
    const { sql } = app.inspect;
    await sql`
      insert into outbox (id, job, key, version, payload, created_at, published_at, next_attempt_at)
      select gen_random_uuid(), 'judge_alerts', 'k', n, '{}', now() - n * interval '1 minute',
             case when n > 2 then now() end, now() + interval '1 hour'
      from generate_series(1, 4) n`;
    await sql`
      insert into job_runs (job, key, version, state, started_at)
      values ('a', 'k', 1, 'running', now() - interval '10 s'), ('a', 'k', 2, 'failed', now()),
             ('a', 'k', 3, 'failed', now() - interval '1 h'), ('a', 'k', 4, 'succeeded', 'epoch'),
             ('a', 'k', 5, 'dead', 'epoch')`;
    await sql`
      insert into dead_letters (id, job, key, version, payload, reason, attempts, state)
      values (gen_random_uuid(), 'a', 'k', 5, '{}', 'x', 1, 'waiting'),
             (gen_random_uuid(), 'a', 'k', 6, '{}', 'x', 1, 'replayed')`;
    const { outbox, running, failed, dead } = await measure(app);
    assert.deepEqual([outbox.count, running.count, failed.count, dead], [2, 1, 2, 1]);
    assert.ok(near(outbox.oldestSeconds, 120), String(outbox.oldestSeconds));
    assert.ok(near(running.oldestSeconds, 10), String(running.oldestSeconds));
    assert.ok(near(failed.oldestSeconds, 3_600), String(failed.oldestSeconds));
    await sql`truncate outbox, job_runs, dead_letters`;
  });
});

Deno.test("nobody but the product itself counts what waits", async () => {
  await withApp(async (app) => {
    await assert.rejects(measureQueue(app.deps.context("t", nowhere)), { code: "forbidden" });
  });
});
