import assert from "node:assert/strict";
import { inTransaction } from "../../services/ctx.ts";
import { enqueueJob, type JobRequest } from "../../services/jobs/mod.ts";
import { type MessageWorld, withMessages } from "../services/notifications/message_world.ts";

/** Asks for a job and waits until it is done. */
async function run({ app, system }: MessageWorld, request: JobRequest): Promise<void> {
  await inTransaction(system(), (tx) => enqueueJob(tx, request));
  app.deps.context("test", { address: "", userAgent: "" }).queue.nudge();
  await app.settle();
}

Deno.test('what another domain asks for by "notify_person" is told once, though the job is delivered twice and its answer lost', async () => {
  await withMessages(async (world) => {
    const { app, mails, person } = world;
    app.standIns.qstash.setFaults({
      duplicate: { label: "notify_person" },
      dropAcknowledgement: { label: "dispatch_notifications" },
    });
    const payload = { type: "security_alert", data: securityEvent };
    await run(world, { job: "notify_person", key: person.userId, version: 7, payload });
    assert.deepEqual(mails().map(({ subject }) => subject), [
      "Your account: A new device signed in",
    ]);
    await run(world, { job: "notify_person", key: person.userId, version: 8, payload });
    assert.equal(mails().length, 2);
  });
});

const securityEvent = { event: "A new device signed in", at: "2026-01-30T15:31:02.000Z" };

Deno.test('a wake-up call that was lost is made up for by the schedule of "dispatch_notifications"', async () => {
  await withMessages(async (world) => {
    const { app, ask, mails, message } = world;
    const id = await ask();
    const lost = await app.inspect.sql`delete from outbox where published_at is null returning 1`;
    assert.equal(lost.length, 1);
    await run(world, { job: "dispatch_notifications", key: "schedule", version: 1 });
    assert.equal((await message(id)).status, "sent");
    assert.equal(mails().length, 1);
  });
});

Deno.test('receipts that no job was asked for are applied by the schedule of "apply_receipts"', async () => {
  await withMessages(async (world) => {
    const { app, ask, dispatch, message } = world;
    const id = await ask();
    await dispatch();
    const { id: notificationId } = await message(id);
    await app.inspect.sql`
      insert into receipts (provider, event_id, notification_id, kind, reported_at, received_at, raw)
      values ('sendgrid', '1', ${notificationId}, 'delivered', now(), now(), '{}')`;
    await run(world, { job: "apply_receipts", key: "schedule", version: 1 });
    assert.equal((await message(id)).status, "delivered");
  });
});
