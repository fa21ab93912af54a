import assert from "node:assert/strict";
import { dayMs, hourMs, minuteMs } from "../../lib/time.ts";
import { asSystem } from "../../services/ctx.ts";
import { publishOutbox, recoverLostJobs } from "../../services/jobs/mod.ts";
import { patienceMs } from "../../services/jobs/model/patience.ts";
import { jobs } from "../../workers/mod.ts";
import { type TestApp, withApp } from "../support/app.ts";
import { deliver } from "../support/delivery.ts";

const nowhere = { address: "", userAgent: "" };

/** A test whose clock runs ahead of the wall's by what it is told. */
async function withShift(
  work: (app: TestApp, shift: { byMs: number }) => Promise<void>,
): Promise<void> {
  const shift = { byMs: 0 };
  await withApp((app) => work(app, shift), { world: { now: () => Date.now() + shift.byMs } });
}

const system = (app: TestApp) => asSystem(app.deps.context("test", nowhere), "test");

/** As the job "recover_lost_jobs" does it, for one job, without letting the queue have what comes of it. */
async function recover(app: TestApp, name: string, givenUp: string[] = []): Promise<number> {
  const job = jobs.find((known) => known.name === name);
  assert.ok(job);
  const ctx = { ...system(app), queue: { ...app.deps.context("x", nowhere).queue, nudge() {} } };
  return await recoverLostJobs(ctx, [{
    ...job,
    givenUp: ({ key }) => () => {
      givenUp.push(key);
      return Promise.resolve(true);
    },
  }]);
}

/** A row of which QStash said that it had taken it, and which it has not delivered. */
async function lose(app: TestApp, job: string, key: string): Promise<void> {
  await app.inspect.sql`
    insert into outbox (id, job, key, version, payload, published_at, message_id)
    values (gen_random_uuid(), ${job}, ${key}, 1, '{}', now(), 'msg_lost')`;
}

const patience = (name: string, round = 0) => {
  const job = jobs.find((known) => known.name === name);
  return job ? patienceMs(job)[round] ?? 0 : 0;
};

Deno.test("a message that the queue took and lost is published anew once nobody can be trying it any more, and its work is done", async () => {
  await withShift(async (app, shift) => {
    await lose(app, "delete_old_notes", "lost");
    shift.byMs = patience("delete_old_notes") - minuteMs;
    assert.equal(await recover(app, "delete_old_notes"), 0);
    shift.byMs += 2 * minuteMs;
    assert.equal(await recover(app, "delete_old_notes"), 1);
    assert.equal(await recover(app, "delete_old_notes"), 0, "it waits to be published");
    assert.equal(await publishOutbox(system(app)), 1);
    const [sent] = app.standIns.qstash.messages();
    assert.equal(sent?.labels[0], "delete_old_notes");
    await app.settle();
    const [run] = await app.inspect.sql`select state from job_runs where key = 'lost'`;
    assert.equal(run?.state, "succeeded");
    const [row] = await app.inspect.sql`select ended_at is not null as ended from outbox`;
    assert.equal(row?.ended, true);
    shift.byMs += 3 * dayMs;
    assert.equal(await recover(app, "delete_old_notes"), 0, "what is done is not looked for");
  });
});

Deno.test("a message that is lost again and again becomes a dead letter, and whoever waits for its work is told once", async () => {
  await withShift(async (app, shift) => {
    const told: string[] = [];
    await lose(app, "finish_simulation", "lost");
    for (let round = 0; round < 3; round++) {
      shift.byMs += patience("finish_simulation", round) + minuteMs;
      assert.equal(await recover(app, "finish_simulation", told), 1);
      const published = new Date(Date.now() + shift.byMs);
      await app.inspect.sql`update outbox set published_at = ${published}, message_id = 'msg_lost'`;
    }
    for (let time = 0; time < 3; time++) {
      shift.byMs += patience("finish_simulation", 3) + minuteMs;
      assert.equal(await recover(app, "finish_simulation", told), 0);
    }
    assert.deepEqual(told, ["lost"]);
    const letters = await app.inspect.sql`select key, reason, state from dead_letters`;
    assert.deepEqual(letters.map(({ key, state }) => [key, state]), [["lost", "settled"]]);
    assert.match(letters[0]?.reason, /^Nothing was heard of it/);
    app.logged.splice(0);
  });
});

Deno.test("a message that came late after it was published anew finds its work done", async () => {
  await withShift(async (app, shift) => {
    await lose(app, "delete_old_notes", "lost");
    shift.byMs = patience("delete_old_notes") + minuteMs;
    await recover(app, "delete_old_notes");
    await publishOutbox(system(app));
    await app.settle();
    const answer = await deliver(fetch, `${app.url}/jobs/delete_old_notes`, {
      key: "lost",
      version: 1,
      payload: {},
    }, { key: app.standIns.qstash.currentSigningKey });
    assert.equal(answer.outcome, "duplicate");
  });
});

Deno.test("what the clock starts anew anyway is not published anew, and a run whose process died is ended", async () => {
  await withShift(async (app, shift) => {
    const { sql } = app.inspect;
    await lose(app, "judge_alerts", "lost");
    await sql`
      insert into job_runs (job, key, version, state, started_at, lease_until)
      values ('judge_alerts', 'died', 1, 'running', now(), now() + interval '50 s'),
             ('run_simulation_chunk', 'retried', 1, 'running', now(), now() + interval '50 s')`;
    shift.byMs = hourMs;
    assert.equal(await recover(app, "judge_alerts"), 0);
    assert.equal(await recover(app, "run_simulation_chunk"), 0);
    const runs = await sql`select key, state, error_code from job_runs order by key`;
    assert.deepEqual(runs.map((run) => ({ ...run })), [
      { key: "died", state: "dead", error_code: "abandoned" },
      // QStash comes back to it.
      { key: "retried", state: "failed", error_code: "abandoned" },
    ]);
    const [row] = await sql`select ended_at is not null as ended from outbox`;
    assert.equal(row?.ended, true);
    await sql`delete from job_runs`;
  });
});

/** Reports of QStash about a message in one of its rounds. */
function reporter(app: TestApp, key: string, payload: Record<string, unknown> = {}) {
  return async (job: string, status: number, round: number, body = "no luck") => {
    const source = JSON.stringify({ key, version: 1, payload, ...(round > 0 ? { round } : {}) });
    const report = { status, body: btoa(body), retried: 3, sourceBody: btoa(source) };
    const url = `${app.url}/jobs/${job}/failed`;
    const { currentSigningKey } = app.standIns.qstash;
    return (await deliver(fetch, url, report, { key: currentSigningKey })).outcome;
  };
}

const unpublished = (app: TestApp) =>
  app.inspect.sql`
    update outbox set next_attempt_at = 'infinity' where published_at is null`;

Deno.test("a message that only never got its turn is published anew, longer and longer afterwards, and is a letter after the last round", async () => {
  await withShift(async (app) => {
    const { sql } = app.inspect;
    await lose(app, "delete_old_notes", "late");
    const report = reporter(app, "late");
    const waits: number[] = [];
    for (const [round, status] of [429, 503, 429].entries()) {
      assert.equal(await report("delete_old_notes", status, round), "reopened");
      const [row] = await sql<{ at: Date }[]>`select next_attempt_at as at from outbox`;
      waits.push(Math.round(((row?.at.getTime() ?? 0) - Date.now()) / minuteMs));
      // Twice the same report, and one of a round before.
      assert.equal(await report("delete_old_notes", status, round), "over");
      assert.equal(await report("delete_old_notes", 500, Math.max(0, round - 1)), "over");
      await unpublished(app);
    }
    assert.deepEqual(waits, [5, 10, 20]);
    assert.equal((await sql`select from dead_letters`).length, 0);
    assert.equal(await report("delete_old_notes", 503, 3), "recorded");
    assert.equal(await report("delete_old_notes", 503, 3), "over");
    assert.equal((await sql`select from dead_letters`).length, 1);
    const [row] = await sql`select ended_at is not null as ended from outbox`;
    assert.equal(row?.ended, true, "what is given up is not published");
    app.logged.splice(0);
  });
});

Deno.test("where nobody can be told that work was given up, the letter is there all the same, and waits", async () => {
  await withShift(async (app) => {
    const { sql } = app.inspect;
    await sql`
      create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$`;
    await sql`create trigger refuse before update on simulations for each statement execute function refuse()`;
    const report = reporter(app, crypto.randomUUID());
    assert.equal(await report("finish_simulation", 500, 0, "a gateway\0 says no"), "recorded");
    const [letter] = await sql`select state, reason from dead_letters`;
    assert.deepEqual({ ...letter }, { state: "waiting", reason: "a gateway says no" });
    app.logged.splice(0);
  });
});

Deno.test("a run that is over stays so, whatever comes late", async () => {
  await withShift(async (app) => {
    const { sql } = app.inspect;
    const key = { key: app.standIns.qstash.currentSigningKey };
    for (const state of ["dead", "replaced"]) {
      await sql`
        insert into job_runs (job, key, version, state, started_at)
        values ('announce_revocations', ${state}, 1, ${state}, now())`;
      const unfit = { key: state, version: 1, payload: {} };
      const answer = await deliver(fetch, `${app.url}/jobs/announce_revocations`, unfit, key);
      assert.equal(answer.status, 489);
      const [run] = await sql`select state from job_runs where key = ${state}`;
      assert.equal(run?.state, state);
    }
    app.logged.splice(0);
  });
});

Deno.test("what ended a week ago and what succeeded a month ago is forgotten, and nothing else", async () => {
  await withShift(async (app) => {
    const { sql } = app.inspect;
    await sql`
      insert into outbox (id, job, key, version, payload, next_attempt_at, published_at, ended_at)
      select gen_random_uuid(), 'apply_receipts', days || '', 1, '{}', 'infinity',
             now() - days * interval '1 day', now() - days * interval '1 day'
      from unnest(array[6, 8]) days`;
    await sql`
      insert into outbox (id, job, key, version, payload, next_attempt_at)
      values (gen_random_uuid(), 'apply_receipts', 'waiting', 1, '{}', 'infinity')`;
    await sql`
      insert into job_runs (job, key, version, state, started_at)
      select 'apply_receipts', state || days, 1, state, now() - days * interval '1 day'
      from unnest(array[29, 31]) days, unnest(array['succeeded', 'replaced', 'dead']) state`;
    await recover(app, "apply_receipts");
    const keys = async (table: string) =>
      (await sql.unsafe(`select key from ${table} order by key`)).map(({ key }) => key);
    assert.deepEqual(await keys("outbox"), ["6", "waiting"]);
    assert.deepEqual(await keys("job_runs"), ["dead29", "replaced29", "succeeded29"]);
    await sql`delete from outbox`;
  });
});
