import assert from "node:assert/strict";
import { noteChange } from "../../../services/changes/mod.ts";
import type { Change } from "../../../services/changes/schema.ts";
import { inTransaction } from "../../../services/ctx.ts";
import { type TestApp, withApp } from "../../support/app.ts";
import { pollUntil } from "../../support/poll.ts";
import { personCtx, readOn, systemCtx } from "./changes_world.ts";

const kind = "plan";
const idsOf = (items: Change[]) => items.map(({ id }) => id);

/** Ids of things that are only talked of. */
function someIds(app: TestApp, count: number): string[] {
  return Array.from({ length: count }, systemCtx(app).newId);
}

Deno.test("a reader who follows many writers at once misses nothing of what any of them commits", async () => {
  await withApp(async (app) => {
    const people = [await app.signUp("ada"), await app.signUp("bob")];
    await app.settle();
    const written = people.map(() => new Set<string>());
    let writing = true;

    /** Both people in one transaction, in either order: two such writers must not wait for each other. */
    async function write(writer: number) {
      for (let round = 0; round < 12; round++) {
        const both = (writer + round) % 2 === 0 ? [0, 1] : [1, 0];
        const id = systemCtx(app).newId();
        await inTransaction(systemCtx(app), async (tx) => {
          for (const who of both) {
            noteChange(tx, { userId: people[who]!.userId, kind, id, operation: "changed" });
            await tx.sql`select 1`;
          }
        });
        for (const seen of written) seen.add(id);
      }
    }

    async function follow(who: number): Promise<Set<string>> {
      const ctx = personCtx(app, people[who]!);
      const seen = new Set<string>();
      let since: string | undefined;
      for (let last = false; !last;) {
        last = !writing;
        const read = await readOn(ctx, since, 3);
        for (const id of idsOf(read.items)) seen.add(id);
        since = read.since;
      }
      return seen;
    }

    const followers = people.map((_, who) => follow(who));
    await Promise.all(Array.from({ length: 6 }, (_, writer) => write(writer)));
    writing = false;
    const seen = await Promise.all(followers);
    for (const [who, ids] of written.entries()) {
      assert.equal(ids.size, 72);
      assert.deepEqual([...ids].filter((id) => !seen[who]!.has(id)), []);
    }
  }, { env: { DATABASE_POOL_MAX: "10" } });
});

Deno.test("whoever begins first and commits last is behind a reader who has seen the other: nobody is passed unseen", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    await app.settle();
    const ctx = personCtx(app, ada);
    const [early = "", late = ""] = someIds(app, 2);
    const start = await readOn(ctx);
    const held = Promise.withResolvers<void>();
    const noted = Promise.withResolvers<void>();
    const slow = inTransaction(ctx, async (tx) => {
      noteChange(tx, { userId: ada.userId, kind, id: early, operation: "changed" });
      await tx.sql`select 1`;
      noted.resolve();
      await held.promise;
    });
    await noted.promise;
    await inTransaction(ctx, (tx) => {
      noteChange(tx, { userId: ada.userId, kind, id: late, operation: "changed" });
      return Promise.resolve();
    });
    const between = await readOn(ctx, start.since);
    assert.deepEqual(idsOf(between.items), [late]);
    held.resolve();
    await slow;
    assert.deepEqual(idsOf((await readOn(ctx, between.since)).items), [early]);
  });
});

Deno.test("a person's numbers wait for the commit of those before them, and other people's do not", async () => {
  await withApp(async (app) => {
    const [ada, bob] = [await app.signUp("ada"), await app.signUp("bob")];
    await app.settle();
    const [first = "", second = ""] = someIds(app, 2);
    const start = await readOn(personCtx(app, ada));
    const write = (userId: string, id: string) =>
      inTransaction(systemCtx(app), (tx) => {
        noteChange(tx, { userId, kind, id, operation: "changed" });
        return Promise.resolve();
      });
    await app.inspect.sql.begin(async (sql) => {
      // As a writer who has taken the next number and has not yet committed.
      await sql`update change_counters set last_number = last_number + 1 where user_id = ${ada.userId}`;
      const waiting = write(ada.userId, second);
      await write(bob.userId, first);
      await pollUntil("the second writer to wait", async () => {
        const [row] = await app.inspect.sql<{ waiting: number }[]>`
          select count(*)::int as waiting from pg_stat_activity
          where wait_event_type = 'Lock' and query ~ 'change_counters'`;
        return row?.waiting === 1;
      });
      assert.deepEqual((await readOn(personCtx(app, ada), start.since)).items, []);
      await sql`
        insert into changes (user_id, kind, entity_id, number, operation, changed_at)
        select user_id, ${kind}, ${first}, last_number, 'changed', now() from change_counters
        where user_id = ${ada.userId}`;
      return { waiting };
    }).then(({ waiting }) => waiting);
    const { items } = await readOn(personCtx(app, ada), start.since);
    assert.deepEqual(idsOf(items), [first, second]);
  });
});

Deno.test("of one thing only the last change is told, at the place of that change, however many verbs had a word", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    await app.settle();
    const ctx = personCtx(app, ada);
    const [plan = "", alert = "", other = ""] = someIds(app, 3);
    const { userId } = ada;
    const start = await readOn(ctx);
    await inTransaction(ctx, async (tx) => {
      noteChange(tx, { userId, kind, id: plan, operation: "changed", version: 1 });
      noteChange(tx, { userId, kind: "alert", id: alert, operation: "changed" });
      await inTransaction({ ...tx }, (inner) => {
        // The same thing, spelt otherwise.
        const id = plan.toUpperCase();
        return Promise.resolve(
          noteChange(inner, { userId, kind, id, operation: "changed", version: 2 }),
        );
      });
      noteChange(tx, { userId, kind, id: other, operation: "deleted" });
    });
    const told = ({ items }: { items: Change[] }) =>
      items.map(({ kind, id, operation, version }) => [kind, id, operation, version]);
    const first = await readOn(ctx, start.since);
    assert.deepEqual(told(first), [
      ["alert", alert, "changed", undefined],
      [kind, plan, "changed", 2],
      [kind, other, "deleted", undefined],
    ]);
    for (let version = 3; version <= 12; version++) {
      await inTransaction(ctx, (tx) => {
        noteChange(tx, { userId, kind, id: plan, operation: "changed", version });
        return Promise.resolve();
      });
    }
    assert.deepEqual(told(await readOn(ctx, first.since)), [[kind, plan, "changed", 12]]);
    assert.deepEqual(told(await readOn(ctx, start.since, 1)), [
      ["alert", alert, "changed", undefined],
      [kind, other, "deleted", undefined],
      [kind, plan, "changed", 12],
    ]);
  });
});

Deno.test("what is rolled back is not told, and leaves no gap that a reader could wait for", async () => {
  await withApp(async (app) => {
    const [ada, bob] = [await app.signUp("ada"), await app.signUp("bob")];
    await app.settle();
    const ctx = personCtx(app, ada);
    const [plan = ""] = someIds(app, 1);
    const start = await readOn(ctx);
    await assert.rejects(
      inTransaction(ctx, (tx) => {
        noteChange(tx, { userId: ada.userId, kind, id: plan, operation: "changed" });
        return Promise.reject(new Error("changed my mind"));
      }),
      /changed my mind/,
    );
    // A person notes nothing in another's name, and the transaction that tries is undone.
    const forging = inTransaction(ctx, (tx) => {
      noteChange(tx, { userId: ada.userId, kind, id: plan, operation: "changed" });
      noteChange(tx, { userId: bob.userId, kind, id: plan, operation: "changed" });
      return Promise.resolve();
    });
    await assert.rejects(forging, { code: "42501" });
    assert.deepEqual(await readOn(ctx, start.since), { items: [], since: start.since });
  });
});
