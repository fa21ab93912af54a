import assert from "node:assert/strict";
import { inTransaction } from "../../../services/ctx.ts";
import { requestNotification } from "../../../services/notifications/mod.ts";
import { alertData, withMessages } from "./message_world.ts";

Deno.test("requestNotification() asks once for each key, however many ask at the same time, and tells all of them where it is", async () => {
  await withMessages(async ({ app, ask }) => {
    const channels = ["email", "in_app"] as const;
    const ids = await Promise.all(
      Array.from({ length: 8 }, () => ask({ dedupeKey: "alert_1", channels })),
    );
    assert.equal(new Set(ids).size, 1);
    const rows = await app.inspect.sql`
      select channel from notifications where request_id = ${ids[0] ?? ""} order by channel`;
    assert.deepEqual(rows.map(({ channel }) => channel), ["email", "in_app"]);
    // One message per person, type and key: other channels do not make it another message.
    assert.equal(await ask({ dedupeKey: "alert_1", channels: ["sms"] }), ids[0]);
    assert.notEqual(await ask({ dedupeKey: "alert_2" }), ids[0]);
    assert.notEqual(
      await ask({ dedupeKey: "alert_1", type: "welcome", data: { name: "A" } }),
      ids[0],
    );
  });
});

Deno.test("requestNotification() leaves nothing behind where the fact that caused it is rolled back", async () => {
  await withMessages(async ({ app, person, system }) => {
    const wanted = { userId: person.userId, type: "market_alert", data: alertData } as const;
    const broken = inTransaction(system(), async (tx) => {
      await requestNotification(tx, wanted);
      throw new RangeError("the fact did not happen");
    });
    await assert.rejects(broken, RangeError);
    const rows = await app.inspect.sql`select from notifications where type = 'market_alert'`;
    assert.equal(rows.length, 0);
    const woken = await app.inspect.sql`
      select from outbox where job = 'dispatch_notifications' and published_at is null`;
    assert.equal(woken.length, 0);
  });
});

Deno.test("requestNotification() decides for every channel, and each says why it goes or does not", async () => {
  await withMessages(async ({ ask, trace }) => {
    const id = await ask({ channels: undefined });
    const why = async (channel: string) => await trace(id, channel);
    assert.deepEqual(await why("email"), ["queued: email is on for market_alert"]);
    assert.deepEqual(await why("in_app"), [
      "queued: in_app is on for market_alert",
      "delivered: placed in the inbox",
    ]);
    assert.deepEqual(await why("push"), ["suppressed: there is no push text for market_alert"]);
    assert.deepEqual(await why("sms"), ["suppressed: sms is off for market_alert"]);
    assert.deepEqual(await why("webhook"), ["suppressed: webhook is off for market_alert"]);
  });
});

Deno.test("requestNotification() refuses a message with a hole in it before anything is queued", async () => {
  await withMessages(async ({ app, ask }) => {
    const { price: _, ...rest } = alertData;
    for (
      const [data, path] of [
        [rest, "data.price"],
        [{ ...alertData, direction: "sideways" }, "data.direction"],
        [{ ...alertData, asOf: "yesterday" }, "data.asOf"],
      ] as const
    ) {
      await assert.rejects(
        ask({ data }),
        (error: { code: string; details: { errors: unknown } }) => {
          assert.equal(error.code, "invalid_request");
          assert.deepEqual((error.details.errors as { path: string }[]).map((one) => one.path), [
            path,
          ]);
          return true;
        },
      );
    }
    const rows = await app.inspect.sql`select from notifications where type = 'market_alert'`;
    assert.equal(rows.length, 0);
  });
});

Deno.test("what is to be sent in years is kept without burdening the queue, what is due soon wakes a sender then", async () => {
  await withMessages(async ({ app, ask, clock, message }) => {
    const wakes = async (requestId: string) => {
      const { id } = await message(requestId);
      return await app.inspect.sql<
        { not_before: Date }[]
      >`select not_before from outbox where key = ${id}`;
    };
    const soonMs = clock.now() + 3_600_000;
    const [soon] = await wakes(await ask({ sendAtMs: soonMs }));
    assert.equal(soon?.not_before.getTime(), soonMs);
    const later = await ask({ sendAtMs: clock.now() + 900 * 86_400_000 });
    assert.deepEqual([...await wakes(later)], []);
    assert.equal((await message(later)).status, "scheduled");
  });
});
