import assert from "node:assert/strict";
import { minuteMs, secondMs } from "../../lib/time.ts";
import { asSystem } from "../../services/ctx.ts";
import { startDueJobs, upsertTickSchedule } from "../../services/jobs/mod.ts";
import { jobs } from "../../workers/mod.ts";
import { type TestApp, withApp } from "../support/app.ts";
import { deliver } from "../support/delivery.ts";

/** A test whose clock stands still, at first a moment after a full minute, until it is moved. */
async function withClock(
  work: (app: TestApp, clock: { at(ms: number): void; startMs: number }) => Promise<void>,
  env: Record<string, string> = {},
): Promise<void> {
  const startMs = Math.floor(Date.now() / minuteMs) * minuteMs;
  let nowMs = startMs + 100;
  const clock = { startMs, at: (ms: number) => nowMs = startMs + ms };
  await withApp((app) => work(app, clock), { world: { now: () => nowMs }, env });
}

const tick = (app: TestApp, body: Record<string, unknown> = {}) =>
  deliver(fetch, `${app.url}/jobs/tick`, { key: "minute", payload: {}, ...body }, {
    key: app.standIns.qstash.currentSigningKey,
  });

/** Seconds after the start at which a job's slots were asked for. */
async function slotsOf(app: TestApp, job: string, startMs: number): Promise<number[]> {
  const rows = await app.inspect.sql<{ not_before: Date; version: string }[]>`
    select not_before, version from outbox where job = ${job} and key = 'schedule' order by version`;
  return rows.map(({ not_before, version }) => {
    assert.equal(Number(version), not_before.getTime() / secondMs, "the slot names the run");
    return (not_before.getTime() - startMs) / secondMs;
  });
}

const everyFive = [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55];

Deno.test("tick starts every job whose schedule is due, and short periods for the whole coming minute", async () => {
  await withClock(async (app, { at, startMs }) => {
    assert.equal((await tick(app)).outcome, "done");
    const first = await slotsOf(app, "judge_alerts", startMs);
    at(minuteMs);
    assert.equal((await tick(app)).outcome, "done");
    assert.deepEqual(await slotsOf(app, "dispatch_notifications", startMs), [60]);
    assert.deepEqual(await slotsOf(app, "apply_receipts", startMs), [60]);
    const both = await slotsOf(app, "judge_alerts", startMs);
    assert.deepEqual(both, [
      ...first,
      ...everyFive.map((at) => at + 60).filter((at) => !first.includes(at)),
    ]);
    assert.deepEqual(both.slice(-12), everyFive.map((at) => at + 60));
    const scheduled = jobs.filter(({ schedule }) => schedule).map(({ name }) => name).toSorted();
    const known = await app.inspect.sql<{ job: string }[]>`select job from schedules order by job`;
    assert.deepEqual(known.map(({ job }) => job), scheduled);
  }, { ALERT_SWEEP_SECONDS: "5" });
});

Deno.test("a job that a new version brings along starts at its next slot, not for those before it was there", async () => {
  await withClock(async (app, { at, startMs }) => {
    at(30 * secondMs);
    await tick(app);
    assert.deepEqual(await slotsOf(app, "rotate_signing_keys", startMs), []);
    assert.deepEqual(await slotsOf(app, "dispatch_notifications", startMs), []);
  });
});

Deno.test("two ticks at once, the same or one after the other, start one run per slot", async () => {
  await withClock(async (app, { at, startMs }) => {
    await tick(app, { version: 1 });
    at(minuteMs);
    const answers = await Promise.all([
      tick(app),
      tick(app),
      tick(app, { version: 2 }),
      tick(app, { version: 3 }),
    ]);
    for (const { status } of answers) assert.ok(status === 200 || status === 429, `${status}`);
    assert.ok(answers.filter(({ outcome }) => outcome === "done").length >= 3);
    assert.deepEqual(await slotsOf(app, "dispatch_notifications", startMs), [60]);
    await app.settle();
    const runs = await app.inspect.sql`
      select from job_runs where job = 'dispatch_notifications' and key = 'schedule'`;
    assert.equal(runs.length, 1);
  });
});

Deno.test("ticks that did not come are made up for by the latest slot, once", async () => {
  await withClock(async (app, { at, startMs }) => {
    await tick(app);
    at(60 * minuteMs);
    await tick(app);
    assert.deepEqual(await slotsOf(app, "dispatch_notifications", startMs), [3_600]);
  });
});

Deno.test("a schedule that staff have paused starts nothing, and goes on where it is let go again", async () => {
  await withClock(async (app, { at, startMs }) => {
    await tick(app);
    const { sql } = app.inspect;
    await sql`update schedules set paused = true where job = 'dispatch_notifications'`;
    at(minuteMs);
    await tick(app);
    assert.deepEqual(await slotsOf(app, "dispatch_notifications", startMs), []);
    await sql`update schedules set paused = false`;
    at(3 * minuteMs);
    await tick(app);
    assert.deepEqual(await slotsOf(app, "dispatch_notifications", startMs), [180]);
  });
});

Deno.test("a pause outlasts a version that does not know the schedule, and so does what was missed", async () => {
  await withClock(async (app, { at, startMs }) => {
    await tick(app);
    const { sql } = app.inspect;
    await sql`update schedules set paused = true where job = 'dispatch_notifications'`;
    at(minuteMs);
    // A process of another version ticks: it has one schedule, and not this one.
    const ctx = asSystem(app.deps.context("older", { address: "", userAgent: "" }), "tick");
    await startDueJobs(ctx, [{ job: "apply_receipts", schedule: { everySeconds: 60 } }]);
    at(2 * minuteMs);
    await tick(app);
    assert.deepEqual(await slotsOf(app, "dispatch_notifications", startMs), []);
    const [row] = await sql`select paused from schedules where job = 'dispatch_notifications'`;
    assert.equal(row?.paused, true);
  });
});

Deno.test("what a crash left in the outbox is published by the next tick, though nothing nudged", async () => {
  await withClock(async (app) => {
    await app.inspect.sql`
      insert into outbox (id, job, key, version, payload, next_attempt_at)
      values (gen_random_uuid(), 'apply_receipts', 'left_by_a_crash', 1, '{}', 'epoch')`;
    await tick(app);
    await app.settle();
    const [run] = await app.inspect.sql`select state from job_runs where key = 'left_by_a_crash'`;
    assert.equal(run?.state, "succeeded");
  });
});

Deno.test("a release sets one schedule however often it runs, and QStash's tick by it does its work", async () => {
  await withApp(async (app) => {
    const { qstash } = app.standIns;
    const { settings } = app.deps;
    const given = { url: settings.qstashUrl, token: settings.qstashToken, publicUrl: app.url };
    await upsertTickSchedule(given);
    await upsertTickSchedule(given);
    const response = await fetch(`${qstash.url}/v2/schedules`, {
      headers: { authorization: `Bearer ${qstash.token}` },
    });
    const schedules: { scheduleId: string; cron: string; destination: string }[] = await response
      .json();
    assert.deepEqual(
      schedules.map(({ scheduleId, cron, destination }) => [scheduleId, cron, destination]),
      [
        ["almanac_tick", "* * * * *", `${app.url}/jobs/tick`],
      ],
    );
    qstash.fireSchedule("almanac_tick");
    await app.settle();
    const [run] = await app.inspect.sql`select state from job_runs where job = 'tick'`;
    assert.equal(run?.state, "succeeded");
  });
});
