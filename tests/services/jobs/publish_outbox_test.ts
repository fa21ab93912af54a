import assert from "node:assert/strict";
import { minuteMs, secondMs } from "../../../lib/time.ts";
import { asSystem, inTransaction } from "../../../services/ctx.ts";
import { enqueueJob, publishOutbox } from "../../../services/jobs/mod.ts";
import { type TestApp, withApp } from "../../support/app.ts";
import { pollUntil } from "../../support/poll.ts";
import { examplePlan } from "../plans/example_plan.ts";

const nowhere = { address: "", userAgent: "" };
const system = (app: TestApp) => asSystem(app.deps.context("test", nowhere), "test");

/** Asks for a job as a verb does. */
async function ask(app: TestApp, key: string, job = "apply_receipts", version = 1) {
  await inTransaction(system(app), (tx) => enqueueJob(tx, { job, key, version }));
}

/** A row as a process leaves it that died between its commit and its nudge. */
async function leave(app: TestApp, key: string, job = "apply_receipts") {
  await app.inspect.sql`
    insert into outbox (id, job, key, version, payload, next_attempt_at)
    values (gen_random_uuid(), ${job}, ${key}, 1, '{}', 'epoch')`;
}

async function waiting(app: TestApp): Promise<string[]> {
  const rows = await app.inspect.sql<{ key: string }[]>`
    select key from outbox where published_at is null order by key`;
  return rows.map(({ key }) => key);
}

const statesOf = async (app: TestApp, key: string) =>
  (await app.inspect.sql<{ state: string }[]>`select state from job_runs where key = ${key}`)
    .map(({ state }) => state);

Deno.test("what was asked for in a transaction is done after it, without anybody waiting for a tick", async () => {
  await withApp(async (app) => {
    await ask(app, "one");
    await app.settle();
    assert.deepEqual(await statesOf(app, "one"), ["succeeded"]);
  });
});

Deno.test("what was asked for in a transaction that failed is never done", async () => {
  await withApp(async (app) => {
    const failing = inTransaction(system(app), async (tx) => {
      await enqueueJob(tx, { job: "apply_receipts", key: "never" });
      throw new Error("changed my mind");
    });
    await assert.rejects(failing, /changed my mind/);
    assert.equal(await publishOutbox(system(app)), 0);
    assert.deepEqual(await statesOf(app, "never"), []);
  });
});

Deno.test("asking twice for the same run is asking once, and for its next version is asking again", async () => {
  await withApp(async (app) => {
    await Promise.all([ask(app, "one"), ask(app, "one"), ask(app, "one")]);
    await ask(app, "one", "apply_receipts", 2);
    await app.settle();
    const rows = await app.inspect.sql`select from outbox where key = 'one'`;
    assert.equal(rows.length, 2);
    assert.deepEqual(await statesOf(app, "one"), ["succeeded", "succeeded"]);
  });
});

Deno.test("a process whose clock is behind the database's still publishes at once what it has asked for", async () => {
  await withApp(async (app) => {
    await ask(app, "one");
    await app.settle();
    assert.deepEqual(await statesOf(app, "one"), ["succeeded"]);
  }, { world: { now: () => Date.now() - 4 * minuteMs } });
});

Deno.test("with QStash away a request succeeds, its row waits, and is published once QStash is back", async () => {
  let movedMs = 0;
  await withApp(async (app) => {
    const { qstash } = app.standIns;
    qstash.setFaults({ refuse: { status: 503 } });
    const { userId } = await app.signUp();
    await pollUntil("a try in vain", async () => {
      const [row] = await app.inspect.sql`select attempts from outbox where key = ${userId}`;
      return row?.attempts === 1;
    });
    assert.deepEqual(await waiting(app), [userId]);
    assert.equal(qstash.messages().length, 0);
    qstash.setFaults({});
    assert.equal(await publishOutbox(system(app)), 0, "its next try is 15 s later");
    movedMs = 16 * secondMs;
    assert.equal(await publishOutbox(system(app)), 1);
    await app.settle();
    assert.deepEqual(await statesOf(app, userId), ["succeeded"]);
    app.logged.splice(0);
  }, { world: { now: () => Date.now() + movedMs } });
});

Deno.test("tries in vain come further and further apart, five minutes at most", async () => {
  let nowMs = Date.now();
  await withApp(async (app) => {
    app.standIns.qstash.setFaults({ refuse: {} });
    await leave(app, "one");
    const pausesMs: number[] = [];
    for (let time = 0; time < 8; time++) {
      await assert.rejects(publishOutbox(system(app)));
      const [row] = await app.inspect.sql<{ next: Date }[]>`
        select next_attempt_at as next from outbox`;
      const nextMs = row?.next.getTime() ?? 0;
      pausesMs.push(nextMs - nowMs);
      nowMs = nextMs;
    }
    assert.deepEqual(
      pausesMs.map((pauseMs) => Math.round(pauseMs / secondMs)),
      [15, 30, 60, 120, 240, 300, 300, 300],
    );
    await app.inspect.sql`delete from outbox`;
  }, { world: { now: () => nowMs } });
});

Deno.test("publishers at the same time take different rows, so that each message is sent once", async () => {
  await withApp(async (app) => {
    const keys = Array.from({ length: 250 }, (_, n) => `key_${n}`);
    await app.inspect.sql`
      insert into outbox (id, job, key, version, payload, next_attempt_at)
      select gen_random_uuid(), 'apply_receipts', key, 1, '{}', 'epoch' from unnest(${keys}::text[]) key`;
    const other = app.another();
    const publishers = [system(app), asSystem(other.deps.context("other", nowhere), "test")];
    const counts = await Promise.all(
      [...publishers, ...publishers].map((ctx) => publishOutbox(ctx)),
    );
    assert.equal(counts.reduce((sum, count) => sum + count, 0), keys.length);
    assert.equal(app.standIns.qstash.messages().length, keys.length);
    await app.settle();
    const runs = await app.inspect.sql`select from job_runs where state = 'succeeded'`;
    assert.equal(runs.length, keys.length);
  });
});

Deno.test("a publisher that died after QStash took its message sends it again, and the job still runs once", async () => {
  let movedMs = 0;
  await withApp(async (app) => {
    await leave(app, "one");
    assert.equal(await publishOutbox(system(app)), 1);
    await app.settle();
    // It never came to note that.
    await app.inspect
      .sql`update outbox set published_at = null, message_id = null, ended_at = null`;
    movedMs = minuteMs;
    assert.equal(await publishOutbox(system(app)), 1);
    await app.settle();
    const [run] = await app.inspect.sql`select state, attempts from job_runs where key = 'one'`;
    assert.deepEqual({ ...run }, { state: "succeeded", attempts: 1 });
  }, { world: { now: () => Date.now() + movedMs } });
});

Deno.test("a job that this version does not know stays in the outbox and holds nothing up", async () => {
  await withApp(async (app) => {
    await leave(app, "unknown", "job_of_a_later_version");
    assert.equal(await publishOutbox(system(app)), 0);
    await ask(app, "known");
    await app.inspect.sql`update outbox set next_attempt_at = 'epoch' where key = 'unknown'`;
    await pollUntil("what is known to be published", async () => {
      await publishOutbox(system(app));
      return (await waiting(app)).join() === "unknown";
    });
    await app.inspect.sql`delete from outbox where key = 'unknown'`;
  });
});

Deno.test("a message that can never succeed ends in the dead letters by itself, with why", async () => {
  await withApp(async (app) => {
    await leave(app, "hopeless", "announce_revocations");
    await publishOutbox(system(app));
    await app.settle();
    const [letter] = await app.inspect.sql`
      select job, key, status, attempts, reason from dead_letters`;
    assert.deepEqual({ ...letter, reason: "" }, {
      job: "announce_revocations",
      key: "hopeless",
      status: 489,
      attempts: 1,
      reason: "",
    });
    assert.match(letter?.reason, /"code":"poison"/);
    assert.deepEqual(await statesOf(app, "hopeless"), ["dead"]);
    app.logged.splice(0);
  });
});

Deno.test("messages hold ids and words of ours, and nothing that a person has written", async () => {
  await withApp(async (app) => {
    const person = await app.signUp("canary");
    const { token } = person;
    const plan = { ...examplePlan, name: "Canary plan" };
    const created = await app.request("/v1/plans", { method: "POST", token, json: plan });
    assert.equal(created.status, 201, await created.clone().text());
    const { id } = await created.json();
    const path = `/v1/plans/${id}/simulations`;
    const started = await app.request(path, { method: "POST", token, json: { paths: 1_000 } });
    assert.equal(started.status, 202, await started.text());
    await app.settle();
    const messages = app.standIns.qstash.messages();
    assert.ok(messages.length >= 4);
    for (const { body, url } of messages) {
      assert.ok(body.length < 1_000, url);
      assert.doesNotMatch(body, /canary|example\.com|Alex/i, url);
    }
  });
});
