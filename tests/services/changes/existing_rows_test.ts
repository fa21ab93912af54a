import assert from "node:assert/strict";
import { seedAlerts } from "../../../dev/seed/alerts.ts";
import { seedChanges } from "../../../dev/seed/changes.ts";
import { demoPeople, seedPeople } from "../../../dev/seed/people.ts";
import { seedPlans } from "../../../dev/seed/plans.ts";
import { withApp } from "../../support/app.ts";
import { call, makePlan } from "../plans/plans_world.ts";
import { personCtx, readOn } from "./changes_world.ts";

const migration = new URL("../../../migrations/0012_changes.sql", import.meta.url);

Deno.test("the migration notes what existed before there was a feed, as the feed itself would have", async () => {
  await withApp(async (app) => {
    const people = [await app.signUp("ada"), await app.signUp("bob")];
    for (const [n, person] of people.entries()) {
      for (let plans = 0; plans <= n; plans++) await makePlan(app, person);
      const change = { locale: "de" };
      await call(app, person, "PATCH", "/v1/preferences", change, { "if-match": "*" });
    }
    await app.settle();
    const told = async () => {
      const read = await Promise.all(people.map((person) => readOn(personCtx(app, person))));
      return read.map(({ items }) => items.map(({ at: _, ...change }) => JSON.stringify(change)));
    };
    const before = await told();
    const text = await Deno.readTextFile(migration);
    const [, backfill = ""] = /(set local role[^]*reset role;)/.exec(text) ?? [];
    await app.inspect.sql.begin(async (sql) => {
      await sql`delete from change_counters`;
      await sql.unsafe(backfill);
    });
    const after = await told();
    assert.deepEqual(
      after.map((items) => items.toSorted()),
      before.map((items) => items.toSorted()),
    );
    // What comes next is numbered after it.
    const ctx = personCtx(app, people[0]!);
    const { since } = await readOn(ctx);
    const id = await makePlan(app, people[0]!);
    assert.deepEqual((await readOn(ctx, since)).items.map((item) => item.id), [id]);
  });
});

Deno.test("the demo people's phones start with their demo plans and alerts, once however often it is seeded", async () => {
  await withApp(async (app) => {
    const counts: Record<string, number>[] = [];
    for (let times = 0; times < 2; times++) {
      await app.inspect.sql.begin(async (sql) => {
        await seedPeople(sql);
        await seedPlans(sql);
        await seedAlerts(sql);
        await seedChanges(sql);
      });
      const { items } = await readOn(personCtx(app, { userId: demoPeople.client.id }));
      const groups = Object.entries(Object.groupBy(items, ({ kind }) => kind));
      counts.push(Object.fromEntries(groups.map(([kind, all]) => [kind, all?.length ?? 0])));
    }
    assert.deepEqual(counts[0], { profile: 1, plan: 3, alert: 2 });
    assert.deepEqual(counts[1], counts[0]);
  });
});
