import assert from "node:assert/strict";
import { jobs } from "../../workers/mod.ts";
import { pollUntil } from "../support/poll.ts";
import { longJob, shortJob, withDoor } from "./door.ts";

Deno.test("the job delete_old_notes is started by the clock, once a day", () => {
  const job = jobs.find(({ name }) => name === "delete_old_notes");
  assert.ok(job?.schedule);
});

Deno.test("a job that throws is a group of errors with the job's name, once a delivery", async () => {
  const broken = shortJob(() => {
    throw new TypeError("no such thing as 42");
  });
  await withDoor([broken], async ({ app, send }) => {
    const { sql } = app.inspect;
    for (const version of [1, 2, 3]) {
      const { status } = await send("short_test", { key: "a", version, payload: {} }, {
        messageId: `msg_${version}`,
      });
      assert.equal(status, 500);
    }
    const groups = () =>
      sql`select name, template, count::int, last_route, last_request_id from error_groups`;
    await pollUntil("the group", async () => (await groups())[0]?.count === 3);
    assert.deepEqual([...await groups()], [{
      name: "TypeError",
      template: "no such thing as #",
      count: 3,
      last_route: "job short_test",
      last_request_id: "msg_3",
    }]);
    await sql`delete from job_runs`;
    app.logged.splice(0);
  });
});

Deno.test("a lease that was lost and a letter that is dead are events, without the key, which may be a person", async () => {
  const person = crypto.randomUUID();
  let steal = () => Promise.resolve();
  const slow = longJob(() => steal());
  await withDoor([slow], async ({ app, send }) => {
    const { sql } = app.inspect;
    steal = async () => void await sql`update job_runs set fence = fence + 1`;
    await send("long_test", { key: person, version: 1, payload: {} });
    await sql`update job_runs set state = 'succeeded'`;
    const sourceBody = btoa(JSON.stringify({ key: person, version: 2, payload: {} }));
    const letter = { status: 500, body: btoa("broken"), retried: 3, sourceBody };
    // Twice, as QStash may: the letter is one.
    for (let time = 0; time < 2; time++) {
      assert.equal((await send("long_test/failed", letter)).status, 200);
    }
    const events = () =>
      sql`select kind, message, severity, details, count from system_events order by kind`;
    await pollUntil("both events", async () => (await events()).length === 2);
    const [dead, lost] = await events();
    const [{ id } = { id: "" }] = await sql<{ id: string }[]>`select id from dead_letters`;
    assert.deepEqual(dead, {
      kind: "dead_letter",
      message: "long_test was given up on",
      severity: "error",
      details: { job: "long_test", attempts: 4, status: 500, deadLetterId: id },
      count: 1,
    });
    assert.deepEqual([lost?.kind, lost?.details], [
      "lease_lost",
      { job: "long_test", version: 1, fence: 1 },
    ]);
    assert.ok(!JSON.stringify([dead, lost]).includes(person));
    app.logged.splice(0);
  });
});
