import assert from "node:assert/strict";
import { type SignedUp, type TestApp, withApp } from "../support/app.ts";
import { pollUntil } from "../support/poll.ts";
import { withRole } from "../support/staff.ts";

async function withLetters(work: (app: TestApp, admin: SignedUp) => Promise<void>) {
  await withApp(async (app) => {
    const admin = await withRole(app, await app.signUp("admin"), "admin");
    await app.settle();
    await app.inspect.sql`
      insert into dead_letters (id, job, key, version, payload, reason, status, attempts, created_at)
      select gen_random_uuid(), 'apply_receipts', 'k' || n, 1, '{}', 'no luck ' || n, 500 + n % 2, 6,
             now() - n * interval '1 minute'
      from generate_series(1, 5) n`;
    await work(app, admin);
    app.logged.splice(0);
  });
}

interface Letter {
  id: string;
  key: string;
  state: string;
  replay: { version: number; state: string } | null;
}

async function list(app: TestApp, { token }: SignedUp, query = "") {
  const response = await app.request(`/v1/dead-letters${query}`, { token });
  assert.equal(response.status, 200);
  return await response.json() as { items: Letter[]; nextCursor: string | null };
}

Deno.test("staff find dead letters latest first, page by page, and by what they have in common", async () => {
  await withLetters(async (app, admin) => {
    const keys = async (query: string) =>
      (await list(app, admin, query)).items.map(({ key }) => key);
    assert.deepEqual(await keys(""), ["k1", "k2", "k3", "k4", "k5"]);
    assert.deepEqual(await keys("?status=501"), ["k1", "k3", "k5"]);
    assert.deepEqual(await keys("?reason=LUCK%204"), ["k4"]);
    assert.deepEqual(await keys("?job=tick"), []);
    const first = await list(app, admin, "?limit=2");
    const cursor = encodeURIComponent(first.nextCursor ?? "");
    assert.deepEqual(await keys(`?limit=2&cursor=${cursor}`), ["k3", "k4"]);
  });
});

Deno.test("staff replay one letter or all that fit; the work is done, the letters say so, and so does the audit log", async () => {
  await withLetters(async (app, admin) => {
    const [one] = (await list(app, admin)).items;
    const replayed = await app.request(`/v1/dead-letters/${one?.id}/replay`, {
      method: "POST",
      token: admin.token,
    });
    assert.equal(replayed.status, 200);
    assert.equal((await replayed.json()).state, "replayed");
    const rest = await app.request("/v1/dead-letter-replays", {
      method: "POST",
      token: admin.token,
      json: { reason: "no luck", limit: 3 },
    });
    assert.deepEqual(await rest.json(), { replayed: 3, waiting: 1 });
    await app.settle();
    const letters = (await list(app, admin)).items;
    assert.deepEqual(
      letters.map(({ key, state, replay }) => [key, state, replay?.state]),
      [
        ["k1", "replayed", "succeeded"],
        ["k2", "waiting", undefined],
        ["k3", "replayed", "succeeded"],
        ["k4", "replayed", "succeeded"],
        ["k5", "replayed", "succeeded"],
      ],
    );
    const audited = await app.inspect.sql`
      select actor_id from audit_log where action = 'dead_letter.replayed'`;
    assert.deepEqual(audited.map(({ actor_id }) => actor_id), Array(4).fill(admin.userId));
  });
});

Deno.test("who does not say which letters to replay is asked to", async () => {
  await withLetters(async (app, { token }) => {
    for (const json of [{}, { limit: 5 }]) {
      const answer = await app.request("/v1/dead-letter-replays", { method: "POST", token, json });
      assert.equal(answer.status, 422);
      await answer.body?.cancel();
    }
  });
});

Deno.test("staff see what the clock starts, pause it and let it go on, each with an audit row", async () => {
  await withApp(async (app) => {
    const admin = await withRole(app, await app.signUp("admin"), "admin");
    await app.inspect.sql`
      insert into schedules (job, last_due_at, timing) values ('apply_receipts', now(), 'every minute')`;
    const set = async (job: string, what: string) => {
      const path = `/v1/schedules/${job}/${what}`;
      return await app.request(path, { method: "POST", token: admin.token });
    };
    for (const [what, paused] of [["pause", true], ["pause", true], ["resume", false]] as const) {
      const answer = await set("apply_receipts", what);
      assert.equal((await answer.json()).paused, paused);
    }
    assert.equal((await set("no_such_job", "pause")).status, 404);
    const response = await app.request("/v1/schedules", { token: admin.token });
    const [schedule] = (await response.json()).items;
    assert.deepEqual([schedule.job, schedule.timing, schedule.paused], [
      "apply_receipts",
      "every minute",
      false,
    ]);
    const audited = await app.inspect.sql`
      select action from audit_log where entity_id = 'apply_receipts' order by id`;
    assert.deepEqual(audited.map(({ action }) => action), ["schedule.paused", "schedule.resumed"]);
  });
});

Deno.test("how far a long run is stands in its row and comes live to staff, and to nobody else", async () => {
  const { openLive } = await import("../support/live_client.ts");
  const { openProgress } = await import("../../services/jobs/open_progress.ts");
  await withApp(async (app) => {
    const person = await app.signUp("client");
    const admin = await withRole(app, await app.signUp("admin"), "admin");
    await app.settle();
    await app.inspect.sql`
      insert into job_runs (job, key, version, state, started_at, lease_until, fence)
      values ('finish_simulation', 'k', 1, 'running', now(), now() + interval '1 minute', 3)`;
    const open = async ({ token }: SignedUp) => {
      const client = await openLive(app.url, { authorization: `Bearer ${token}` });
      client.send({ op: "subscribe", channels: ["jobs"] });
      return { client, first: await client.next(({ channel }) => channel === "jobs") };
    };
    const theirs = await open(person);
    assert.equal(theirs.first.data.error.code, "forbidden");
    const { client, first } = await open(admin);
    assert.deepEqual(first.data.running.map(({ job }: { job: string }) => job), [
      "finish_simulation",
    ]);
    const ctx = app.deps.context("test", { address: "", userAgent: "" });
    const worker = { ...ctx, actor: { kind: "system" as const, job: "test" } };
    const delivery = {
      job: "finish_simulation",
      key: "k",
      version: 1,
      messageId: "m",
      retried: 0,
      last: false,
    };
    const progress = openProgress(worker, delivery, 3);
    let done = 0;
    await pollUntil("it to be shown", () => {
      progress.tell(++done, 1_000);
      return client.frames.some(({ data }) => data.progress);
    });
    const response = await app.request("/v1/jobs?name=finish_simulation", { token: admin.token });
    const [run] = (await response.json()).items;
    assert.equal(run.progress.total, 1_000);
    assert.ok(run.progress.done >= 1);
    progress.tell(1_000, 1_000);
    assert.deepEqual(progress.latest(), { done: 1_000, total: 1_000 });
    progress.close("succeeded");
    const end = await client.next(({ data }) => data.state === "succeeded");
    assert.deepEqual(end.data.progress, { done: 1_000, total: 1_000 });
    await client.close();
    await theirs.client.close();
    await app.inspect.sql`delete from job_runs where key = 'k'`;
    app.logged.splice(0);
  });
});
