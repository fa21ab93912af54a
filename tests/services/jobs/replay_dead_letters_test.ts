import assert from "node:assert/strict";
import { asSystem } from "../../../services/ctx.ts";
import { replayDeadLetter, replayDeadLetters } from "../../../services/jobs/mod.ts";
import type { TestApp } from "../../support/app.ts";
import { type Door, longJob, shortJob, withDoor } from "../../workers/door.ts";
import { pollUntil } from "../../support/poll.ts";

const nowhere = { address: "", userAgent: "" };
const system = (app: TestApp) => asSystem(app.deps.context("test", nowhere), "test");
const message = (key: string, version = 1) => ({ key, version, payload: { message: key } });

/** What QStash says once it has given a message up. */
const report = (key: string, status = 500) => ({
  status,
  body: btoa("no luck"),
  retried: 3,
  sourceBody: btoa(JSON.stringify(message(key))),
});

async function bury(door: Door, key: string, job = "short_test"): Promise<string> {
  assert.equal((await door.send(`${job}/failed`, report(key))).outcome, "recorded");
  const [row] = await door.app.inspect.sql<{ id: string }[]>`
    select id from dead_letters where key = ${key}`;
  return row?.id ?? "";
}

/** What the outbox holds for a job of these tests, which no queue knows. */
async function asked(door: Door, key: string): Promise<number[]> {
  const rows = await door.app.inspect.sql<{ version: string }[]>`
    select version from outbox where job like '%_test' and key = ${key}`;
  return rows.map(({ version }) => Number(version));
}

async function clear(door: Door): Promise<void> {
  await door.app.inspect.sql`delete from outbox where job like '%_test'`;
  await door.app.settle();
  door.app.logged.splice(0);
}

Deno.test("a replay is a new version; what is still delivered of the old one does nothing any more", async () => {
  await withDoor([shortJob()], async (door) => {
    const id = await bury(door, "one");
    const { letter, changed } = await replayDeadLetter(system(door.app), id);
    assert.deepEqual([letter.state, letter.replay?.state, changed], ["replayed", "waiting", true]);
    const [version = 0] = await asked(door, "one");
    assert.equal(version, letter.replay?.version);
    assert.equal((await door.send("short_test", message("one"))).outcome, "duplicate");
    assert.equal(await door.effects(), 0);
    assert.equal((await door.send("short_test", message("one", version))).outcome, "done");
    assert.equal((await door.send("short_test", message("one", version))).outcome, "duplicate");
    assert.equal((await door.send("short_test", message("one"))).outcome, "duplicate");
    assert.equal(await door.effects(), 1);
    await clear(door);
  });
});

Deno.test("replaying twice, also at once, is replaying once", async () => {
  await withDoor([shortJob()], async (door) => {
    const id = await bury(door, "one");
    const answers = await Promise.all(
      [1, 2, 3].map(() => replayDeadLetter(system(door.app), id)),
    );
    assert.equal(answers.filter(({ changed }) => changed).length, 1);
    assert.equal(new Set(answers.map(({ letter }) => letter.replay?.version)).size, 1);
    assert.equal((await asked(door, "one")).length, 1);
    await clear(door);
  });
});

Deno.test("of work that was done nothing is replayed: a report that comes late writes no letter", async () => {
  await withDoor([shortJob()], async (door) => {
    assert.equal((await door.send("short_test", message("one"))).outcome, "done");
    assert.equal((await door.send("short_test/failed", report("one"))).outcome, "over");
    assert.equal((await door.app.inspect.sql`select from dead_letters`).length, 0);
    await clear(door);
  });
});

Deno.test("what was given up is not done by what still comes of it, out of QStash's own dead letters for one", async () => {
  await withDoor([shortJob()], async (door) => {
    await bury(door, "one");
    assert.equal((await door.send("short_test", message("one"))).outcome, "duplicate");
    assert.equal(await door.effects(), 0);
    await clear(door);
  });
});

Deno.test("a report that comes while the work is still being done is told to wait, and finds it done", async () => {
  for (const make of [shortJob, longJob]) {
    const gate = Promise.withResolvers<void>();
    let started = 0;
    const job = make(() => {
      started++;
      return gate.promise;
    });
    await withDoor([job], async (door) => {
      const sending = door.send(job.name, message("one"));
      await pollUntil("the start", () => started === 1);
      const early = await door.send(`${job.name}/failed`, report("one"));
      assert.equal(`${early.status} ${early.code}`, "429 busy");
      assert.ok(Number(early.headers.get("retry-after")) >= 1);
      gate.resolve();
      assert.equal((await sending).outcome, "done");
      assert.equal((await door.send(`${job.name}/failed`, report("one"))).outcome, "over");
      assert.equal(await door.effects(), 1);
      await clear(door);
    });
  }
});

Deno.test("letters of one job and key that are replayed at one moment are work of their own, each done", async () => {
  const stands = Date.now();
  await withDoor([shortJob()], async (door) => {
    const { sql } = door.app.inspect;
    await sql`
      insert into dead_letters (id, job, key, version, payload, reason, attempts)
      select gen_random_uuid(), 'short_test', 'one', n, jsonb_build_object('message', n::text), 'no luck', 4
      from generate_series(1, 200) n`;
    const { replayed } = await replayDeadLetters(system(door.app), {}, 500);
    assert.equal(replayed, 200);
    const rows = await sql<{ version: string; message: string }[]>`
      select version, payload->>'message' as message from outbox where key = 'one'`;
    assert.equal(new Set(rows.map(({ message }) => message)).size, 200);
    assert.equal(new Set(rows.map(({ version }) => version)).size, 200);
    await clear(door);
  }, { world: { now: () => stands } });
});

Deno.test("letters are replayed by what they have in common, the oldest first, as many as asked for", async () => {
  await withDoor([shortJob(), longJob()], async (door) => {
    const { sql } = door.app.inspect;
    for (const key of ["a", "b", "c", "d"]) await bury(door, key);
    await bury(door, "e", "long_test");
    await sql`update dead_letters set reason = 'The vendor said NO', status = 503 where key in ('b', 'd')`;
    await sql`update dead_letters set created_at = created_at - interval '1 day' where key = 'c'`;
    const replay = (filter: Parameters<typeof replayDeadLetters>[1], limit = 100) =>
      replayDeadLetters(system(door.app), filter, limit);
    const day = new Date(Date.now() - 3_600_000).toISOString();
    assert.equal((await replay({ reason: "vendor said no", job: "long_test" })).replayed, 0);
    assert.equal((await replay({ before: day })).replayed, 1);
    assert.equal((await asked(door, "c")).length, 1);
    const firstOfTwo = await replay({ status: 503, from: day }, 1);
    assert.deepEqual([firstOfTwo.replayed, firstOfTwo.waiting], [1, 1]);
    assert.equal((await asked(door, "b")).length, 1);
    const rest = await replay({});
    assert.deepEqual([rest.replayed, rest.waiting], [3, 0]);
    assert.equal((await replay({})).replayed, 0);
    await clear(door);
  });
});

Deno.test("a replay that fails again is a dead letter of its own, and can be replayed", async () => {
  await withDoor([shortJob()], async (door) => {
    const id = await bury(door, "one");
    const { letter } = await replayDeadLetter(system(door.app), id);
    const version = letter.replay?.version ?? 0;
    const again = { ...report("one"), sourceBody: btoa(JSON.stringify(message("one", version))) };
    assert.equal((await door.send("short_test/failed", again)).outcome, "recorded");
    const summary = await replayDeadLetters(system(door.app), { key: "one" }, 10);
    assert.equal(summary.replayed, 1);
    const versions = await asked(door, "one");
    assert.equal(new Set(versions).size, 2);
    await clear(door);
  });
});
