/** What changes while nobody asks: alerts that fire, simulations that end, messages that arrive. */
import assert from "node:assert/strict";
import { failSimulation } from "../../../services/plans/mod.ts";
import { withApp } from "../../support/app.ts";
import { type AlertWorld, withAlerts } from "../alerts/alert_world.ts";
import { makePlan, startQuietly } from "../plans/plans_world.ts";
import { personCtx, readOn, systemCtx } from "./changes_world.ts";

/** Answers what was told since it was last called, each as kind and version. */
function listener({ app, person }: Pick<AlertWorld, "app" | "person">) {
  let since: string | undefined;
  return async () => {
    const read = await readOn(personCtx(app, person), since);
    since = read.since;
    return read.items.map(({ kind, version }) =>
      version === undefined ? kind : `${kind} ${version}`
    );
  };
}

Deno.test("an alert that fires, is ready again, or is acknowledged, is told with the version that its owner then finds", async () => {
  await withAlerts(async (world) => {
    const { create, get, price, sweep, app, person } = world;
    const told = listener(world);
    const { id } = await create({ repeat: { mode: "rearm" }, channels: ["in_app"] });
    await told();
    const version = async () => (await get(`/v1/alerts/${id}`)).version;
    assert.equal(await sweep(), 0);
    assert.deepEqual(await told(), [], "where a price stands is no news");
    price("COIN-USD", 210);
    assert.equal(await sweep(), 1);
    const fired = ["notification", "inbox_item", `alert ${await version()}`];
    assert.deepEqual((await told()).toSorted(), fired.toSorted());
    price("COIN-USD", 190);
    await sweep();
    assert.deepEqual(await told(), [`alert ${await version()}`], "ready again");
    for (const expected of [["alert"], []]) {
      const path = `/v1/alerts/${id}/ack`;
      await (await app.request(path, { method: "POST", token: person.token })).body?.cancel();
      assert.deepEqual(await told(), expected);
    }
  });
});

Deno.test("an alert that could not be told of leaves no trace in the feed, and its neighbours do", async () => {
  await withAlerts(async (world) => {
    const { create, price, sweep, app } = world;
    const told = listener(world);
    const broken = await create({ channels: ["in_app"] });
    const { id } = await create({ channels: ["in_app"] });
    await told();
    // After the message was placed, so that it is undone together with it.
    await app.inspect.sql.unsafe(`
      alter table alert_events add constraint refused check (alert_id <> '${broken.id}')`);
    price("COIN-USD", 210);
    assert.equal(await sweep(), 1);
    assert.deepEqual((await told()).toSorted(), ["alert 2", "inbox_item", "notification"]);
    const rows = await app.inspect.sql<{ entity_id: string; version: string }[]>`
      select entity_id, version from changes where kind = 'alert' order by version`;
    assert.deepEqual(rows.map((row) => [row.entity_id, row.version]), [[broken.id, "1"], [
      id,
      "2",
    ]]);
  });
});

Deno.test("a simulation that fails is told to its owner", async () => {
  await withApp(async (app) => {
    const person = await app.signUp("ada");
    await app.settle();
    const { id } = await startQuietly(app, person, await makePlan(app, person), { paths: 1_000 });
    const told = listener({ app, person });
    await told();
    await failSimulation(systemCtx(app), id);
    assert.deepEqual(await told(), ["simulation"]);
    await failSimulation(systemCtx(app), id);
    assert.deepEqual(await told(), [], "it had ended");
  });
});

Deno.test("what becomes of a mail is told as it goes: asked for, sent, delivered", async () => {
  await withApp(async (app) => {
    const person = await app.signUp("ada");
    await app.settle();
    const { items } = await readOn(personCtx(app, person));
    const mails = await app.inspect.sql<{ id: string; changed_at: Date; created_at: Date }[]>`
      select n.id, changed_at, created_at from notifications n
      join changes on entity_id = n.id and changes.user_id = n.user_id and kind = 'notification'
      where channel = 'email' and status in ('sent', 'delivered')`;
    assert.equal(mails.length, 1);
    assert.ok(mails.every((mail) => mail.changed_at > mail.created_at));
    assert.equal(items.filter(({ id }) => id === mails[0]?.id).length, 1);
  });
});
