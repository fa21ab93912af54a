import assert from "node:assert/strict";
import { inTransaction } from "../../../services/ctx.ts";
import { dispatchNotifications } from "../../../services/notifications/mod.ts";
import { settle } from "../../../services/notifications/settle.ts";
import { claimNotifications } from "../../../services/notifications/store/claims.ts";
import { withMessages } from "./message_world.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

Deno.test("what a slot has not come to when its time is over is put back untried, and sent by the next", async () => {
  await withMessages(async ({ app, ask, clock, dispatch, mails }) => {
    const count = 60;
    for (let n = 0; n < count; n++) await ask();
    app.standIns.sendgrid.setFault({ kind: "swallow" });
    const tried = await dispatch(app.deps, AbortSignal.timeout(1_500));
    app.standIns.sendgrid.setFault(null);
    assert.ok(tried < count, "as many are sent at once as may be, and no more");
    const back = await app.inspect.sql`
      select from notifications where status = 'queued' and attempts = 0 and not maybe_sent
        and next_attempt_at <= ${new Date(clock.now())}`;
    assert.equal(back.length, count - tried);
    const before = mails().length;
    assert.equal(await dispatch(), count - tried);
    assert.equal(mails().length - before, count - tried);
    clock.advance(hourMs);
    await dispatch();
  });
});

Deno.test("a slot whose time is over wakes the next one, once, where something is left", async () => {
  await withMessages(async ({ app, ask, dispatch, system }) => {
    const wakes = async () => {
      const rows = await app.inspect.sql`
        select from outbox where job = 'dispatch_notifications' and published_at is null`;
      return rows.length;
    };
    const over = { claimForMs: 0, beginForMs: 0 };
    for (let n = 0; n < 3; n++) await ask();
    const asked = await wakes();
    assert.equal(await dispatchNotifications(system(), over), 0);
    assert.equal(await wakes(), asked + 1);
    assert.equal(await dispatch(), 3);
    assert.equal(await dispatchNotifications(system(), over), 0);
    assert.equal(await wakes(), asked + 1);
  });
});

Deno.test("a message that Postgres refuses to settle holds up none of those that are settled with it", async () => {
  await withMessages(async ({ app, ask, clock, dispatch, mails, message }) => {
    const ids = [];
    for (let n = 0; n < 12; n++) ids.push(await ask());
    const { id: refused } = await message(ids[5] ?? "");
    await app.inspect.sql.unsafe(`
      create function refuse() returns trigger language plpgsql as
        $$ begin raise exception 'a fault is set'; end $$;
      create trigger refuse before insert on notification_events for each row
        when (new.notification_id = '${refused}') execute function refuse()`);
    assert.equal(await dispatch(), 12);
    for (const id of ids) {
      const { id: own, status } = await message(id);
      assert.equal(status, own === refused ? "sending" : "sent");
    }
    assert.equal(mails().length, 12);
    assert.equal(app.logged.filter((line) => line.includes("notification not settled")).length, 1);
    await app.inspect.sql`drop trigger refuse on notification_events`;
    clock.advance(2 * minuteMs);
    await dispatch();
    assert.equal((await message(ids[5] ?? "")).status, "sent");
  });
});

Deno.test("settling twice what was settled changes nothing, and is told once", async () => {
  await withMessages(async ({ ask, clock, message, system, trace }) => {
    const id = await ask();
    const [claimed] = await inTransaction(
      system(),
      ({ sql }) => claimNotifications(sql, clock.now(), minuteMs, 1),
    );
    assert.ok(claimed);
    const settlement = { status: "queued", reason: "put back", untried: true } as const;
    const ended = [{ eventId: system().newId(), claimed, settlement }];
    await settle(system(), ended);
    await settle(system(), ended);
    const { status, attempts } = await message(id);
    assert.deepEqual([status, attempts], ["queued", 0]);
    assert.equal((await trace(id)).filter((step) => step === "queued: put back").length, 1);
    clock.advance(hourMs);
  });
});
