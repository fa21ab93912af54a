import assert from "node:assert/strict";
import { inTransaction } from "../../../services/ctx.ts";
import { claimNotifications } from "../../../services/notifications/store/claims.ts";
import { settle } from "../../../services/notifications/settle.ts";
import { type MessageWorld, withMessages } from "./message_world.ts";

/** Lets the vendor report on a message, and the job "apply_receipts" take its effects. */
async function report(
  { app, message }: MessageWorld,
  requestId: string,
  events: Record<string, unknown>[],
) {
  const { id, provider_message_id } = await message(requestId);
  const full = events.map((event, at) => ({
    email: "ada@example.com",
    timestamp: Math.floor(Date.now() / 1_000) + at,
    sg_event_id: crypto.randomUUID(),
    ...(provider_message_id ? { sg_message_id: `${provider_message_id}.recvd-1` } : {}),
    notificationId: id,
    ...event,
  }));
  const { status } = await app.standIns.sendgrid.sendReceipts(
    `${app.url}/webhooks/sendgrid`,
    full,
  );
  assert.equal(status, 200);
  await app.settle();
}

const bounce = { event: "bounce", type: "bounce", status: "5.1.1", reason: "550 no such user" };

Deno.test("a message goes as far as its receipts say, and the trace tells each of them", async () => {
  await withMessages(async (world) => {
    const { ask, dispatch, message, trace } = world;
    const id = await ask();
    await dispatch();
    await report(world, id, [
      { event: "processed" },
      { event: "delivered", response: "250 OK" },
      { event: "open" },
      { event: "click", url: "https://example.com/" },
    ]);
    assert.equal((await message(id)).status, "clicked");
    assert.deepEqual((await trace(id)).slice(2), [
      "sent: sendgrid reports: processed (moved nothing)",
      "delivered: sendgrid reports: delivered, 250 OK",
      "opened: sendgrid reports: opened",
      "clicked: sendgrid reports: clicked",
    ]);
  });
});

Deno.test("receipts that come late or out of order are noted and never take a message back", async () => {
  await withMessages(async (world) => {
    const { ask, dispatch, message, trace } = world;
    const id = await ask();
    await dispatch();
    const nowSeconds = Math.floor(Date.now() / 1_000);
    await report(world, id, [{ event: "open", timestamp: nowSeconds + 60 }]);
    await report(world, id, [
      { event: "delivered", timestamp: nowSeconds },
      { event: "bounce", type: "blocked", timestamp: nowSeconds },
      { event: "processed", timestamp: nowSeconds },
    ]);
    assert.equal((await message(id)).status, "opened");
    assert.deepEqual(
      (await trace(id)).slice(3).map((step) => step.endsWith("(moved nothing)")),
      [true, true, true],
    );
  });
});

Deno.test("in one batch the vendor's clock decides what came first", async () => {
  await withMessages(async (world) => {
    const { ask, dispatch, trace } = world;
    const id = await ask();
    await dispatch();
    const nowSeconds = Math.floor(Date.now() / 1_000);
    await report(world, id, [
      { event: "open", timestamp: nowSeconds + 9 },
      { event: "delivered", timestamp: nowSeconds + 3 },
      { event: "processed", timestamp: nowSeconds },
    ]);
    assert.deepEqual((await trace(id)).slice(2).map((step) => step.split(":")[0]), [
      "sent",
      "delivered",
      "opened",
    ]);
  });
});

Deno.test("a picture that a privacy proxy fetched does not count as opened by a person", async () => {
  await withMessages(async (world) => {
    const { ask, dispatch, message, trace } = world;
    const id = await ask();
    await dispatch();
    await report(world, id, [{ event: "open", sg_machine_open: true }]);
    assert.equal((await message(id)).status, "delivered");
    assert.equal(
      (await trace(id)).at(-1),
      "delivered: sendgrid reports: opened by a privacy proxy",
    );
  });
});

const suppressing: [what: string, event: Record<string, unknown>, reason: string | undefined][] = [
  ["a hard bounce", bounce, "a hard bounce"],
  ["a full mailbox", { ...bounce, type: "blocked", status: "5.2.2" }, undefined],
  ["a spam report", { event: "spamreport" }, "a spam report"],
  [
    "the vendor's own refusal",
    { event: "dropped", reason: "Bounced Address" },
    "a refusal (Bounced Address)",
  ],
  ["a mail that the vendor did not like", { event: "dropped", reason: "Spam Content" }, undefined],
  ["a temporary failure", { event: "deferred", response: "451 later" }, undefined],
];

Deno.test("an address that is dead, or whose owner complained, is never written to again, and the trace says since when", async () => {
  for (const [what, event, reason] of suppressing) {
    await withMessages(async (world) => {
      const { app, ask, dispatch, mails, message, person, trace } = world;
      const first = await ask();
      await dispatch();
      // The vendor's spelling of the address need not be ours.
      await report(world, first, [{ ...event, email: person.email.toUpperCase() }]);
      const sentCount = mails().length;
      const next = await ask();
      await dispatch();
      const { status } = await message(next);
      assert.equal(status, reason === undefined ? "sent" : "suppressed", what);
      assert.equal(mails().length, sentCount + (reason === undefined ? 1 : 0), what);
      if (reason === undefined) return;
      const today = new Date().toISOString().slice(0, 10);
      const why = `suppressed: address suppressed after ${reason} on ${today}`;
      assert.deepEqual(await trace(next), [why], what);
      const held = await app.inspect.sql`select address from suppressions`;
      assert.deepEqual(held.map(({ address }) => address), [person.email]);
    });
  }
});

Deno.test("a message that waits for another try is suppressed where its address has died meanwhile", async () => {
  await withMessages(async (world) => {
    const { app, ask, clock, dispatch, mails, message, person, trace } = world;
    const first = await ask();
    await dispatch();
    app.standIns.sendgrid.setFault({ kind: "status", status: 500 });
    const waiting = await ask();
    await dispatch();
    app.standIns.sendgrid.setFault(null);
    await report(world, first, [{ ...bounce, email: person.email }]);
    clock.advance(60_000);
    await dispatch();
    assert.equal((await message(waiting)).status, "suppressed");
    assert.match((await trace(waiting)).at(-1) ?? "", /hard bounce/);
    assert.equal(mails().length, 1);
  });
});

Deno.test("a bounce without our id is found by what the vendor called the mail, and an address is dead even if the message is gone", async () => {
  await withMessages(async (world) => {
    const { app, ask, dispatch, message, person } = world;
    const id = await ask();
    await dispatch();
    await report(world, id, [{ ...bounce, notificationId: undefined, email: person.email }]);
    assert.equal((await message(id)).status, "bounced");
    const gone = await ask({ type: "welcome", data: { name: "Ada" } });
    const fields = { ...bounce, notificationId: crypto.randomUUID(), email: "bob@example.com" };
    await report(world, gone, [fields]);
    const held = await app.inspect.sql`select address from suppressions order by address`;
    assert.deepEqual(held.map(({ address }) => address), [person.email, "bob@example.com"].sort());
  });
});

Deno.test("a receipt that is faster than the vendor's answer stands, and the answer is noted beside it", async () => {
  await withMessages(async (world) => {
    const { ask, clock, message, system, trace } = world;
    const id = await ask();
    const [claimed] = await inTransaction(
      system(),
      ({ sql }) => claimNotifications(sql, clock.now(), 60_000, 1),
    );
    assert.ok(claimed);
    await report(world, id, [{ event: "delivered" }]);
    const answer = { status: "sent", reason: "accepted by sendgrid" } as const;
    const settlement = { ...answer, provider: "sendgrid", providerMessageId: "m1" };
    await settle(system(), [{ eventId: system().newId(), claimed, settlement }]);
    const row = await message(id);
    assert.deepEqual([row.status, row.provider_message_id], ["delivered", "m1"]);
    assert.equal((await trace(id)).at(-1), "sent: accepted by sendgrid (moved nothing)");
  });
});
