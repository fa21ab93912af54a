import assert from "node:assert/strict";
import { inTransaction } from "../../../services/ctx.ts";
import { settle } from "../../../services/notifications/settle.ts";
import { beginSending, claimNotifications } from "../../../services/notifications/store/claims.ts";
import { pollUntil } from "../../support/poll.ts";
import { withMessages } from "./message_world.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

Deno.test("a mail that the vendor takes is sent, says what it should, and carries our id and nothing personal beside it", async () => {
  await withMessages(async ({ ask, dispatch, mails, message, person, trace }) => {
    const id = await ask();
    assert.equal(await dispatch(), 1);
    const row = await message(id);
    const [mail] = mails();
    assert.ok(mail);
    assert.deepEqual(mail.to, [{ email: person.email }]);
    assert.equal(mail.subject, "AAPL rose to 203.10 USD");
    assert.match(mail.html, /AAPL reached your level/);
    assert.match(mail.text, /You asked to be told when it goes above 200\.00\./);
    assert.deepEqual(mail.customArguments, { notificationId: row.id });
    assert.deepEqual(
      [row.status, row.provider, row.provider_message_id, row.attempts],
      ["sent", "sendgrid", mail.messageId, 1],
    );
    assert.deepEqual(await trace(id), [
      "queued: email is on for market_alert",
      "sent: accepted by sendgrid",
    ]);
    assert.equal(await dispatch(), 0);
  });
});

Deno.test("a vendor that is limited or down is tried again later, no sooner than it asks, and sends once", async () => {
  await withMessages(async ({ app, ask, clock, dispatch, mails, message, trace }) => {
    const { sendgrid } = app.standIns;
    const id = await ask();
    sendgrid.setFault({ kind: "status", status: 429, retryAfter: "120" });
    await dispatch();
    const limited = await message(id);
    assert.equal(limited.status, "queued");
    assert.ok(limited.next_attempt_at.getTime() >= clock.now() + 119_000);
    sendgrid.setFault({ kind: "status", status: 500 });
    assert.equal(await dispatch(), 0);
    clock.moveTo(limited.next_attempt_at.getTime());
    await dispatch();
    const { next_attempt_at: second } = await message(id);
    assert.ok(second.getTime() >= clock.now() + 53_000, "a minute, less a tenth, by then passed");
    sendgrid.setFault({ kind: "refuse" });
    clock.moveTo(second.getTime());
    await dispatch();
    sendgrid.setFault(null);
    clock.moveTo((await message(id)).next_attempt_at.getTime());
    await dispatch();
    assert.equal((await message(id)).status, "sent");
    assert.equal(mails().length, 1);
    assert.deepEqual((await trace(id)).map((step) => step.slice(0, 40)), [
      "queued: email is on for market_alert",
      "queued: refused by sendgrid: 429 too man",
      "queued: refused by sendgrid: 500 interna",
      "queued: refused by sendgrid: no answer: ",
      "sent: accepted by sendgrid",
    ]);
  });
});

Deno.test("a message is given up after six tries, and says so", async () => {
  await withMessages(async ({ app, ask, clock, dispatch, message, trace }) => {
    app.standIns.sendgrid.setFault({ kind: "status", status: 503 });
    const id = await ask();
    for (let tries = 1; tries <= 6; tries++) {
      assert.equal(await dispatch(), 1, `try ${tries}`);
      clock.advance(8 * hourMs);
    }
    assert.equal(await dispatch(), 0);
    assert.equal((await message(id)).status, "dead");
    assert.match((await trace(id)).at(-1) ?? "", /^dead: .*503.*; no tries left$/);
  });
});

Deno.test("a recipient whom no vendor would take is given up at once", async () => {
  await withMessages(async ({ app, ask, dispatch, message, person, trace }) => {
    await app.inspect.sql`update users set email = 'not an address' where id = ${person.userId}`;
    const id = await ask();
    await dispatch();
    assert.equal((await message(id)).status, "dead");
    assert.match(
      (await trace(id)).at(-1) ?? "",
      /^dead: refused by sendgrid: 400 personalizations/,
    );
  });
});

Deno.test("a mail whose answer never came rests, and a receipt that it arrived ends the matter", async () => {
  await withMessages(async ({ app, ask, clock, dispatch, mails, message, trace }) => {
    const { sendgrid } = app.standIns;
    const id = await ask();
    sendgrid.setFault({ kind: "swallow" });
    await dispatch(app.deps, AbortSignal.timeout(300));
    sendgrid.setFault(null);
    const row = await message(id);
    assert.equal(row.status, "queued");
    assert.ok(row.next_attempt_at.getTime() >= clock.now() + 9 * minuteMs);
    assert.match((await trace(id)).at(-1) ?? "", /^queued: maybe sent, no answer from sendgrid/);
    assert.equal(await dispatch(), 0);
    const [mail] = mails();
    await fetch(`${sendgrid.url}/mails/${mail?.id}/events`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ event: "delivered" }),
    });
    await pollUntil("the receipt", async () => (await message(id)).status === "delivered");
    clock.advance(hourMs);
    assert.equal(await dispatch(), 0);
    assert.equal(mails().length, 1);
  });
});

Deno.test("a mail whose answer never came, and of which no receipt tells, is sent again", async () => {
  await withMessages(async ({ app, ask, clock, dispatch, mails, message }) => {
    const id = await ask();
    app.standIns.sendgrid.setFault({ kind: "timeout" });
    await dispatch(app.deps, AbortSignal.timeout(300));
    app.standIns.sendgrid.setFault(null);
    clock.advance(12 * minuteMs);
    assert.equal(await dispatch(), 1);
    assert.equal((await message(id)).status, "sent");
    assert.equal(mails().length, 1);
  });
});

Deno.test("of senders at the same time each message is sent by one", async () => {
  await withMessages(async ({ app, ask, dispatch, mails }) => {
    const count = 120;
    for (let n = 0; n < count; n++) await ask();
    const { deps } = app.another();
    const tried = await Promise.all([
      dispatch(),
      dispatch(deps),
      dispatch(),
      dispatch(deps),
    ]);
    assert.equal(tried.reduce((sum, one) => sum + one, 0), count);
    const ids = mails().map(({ customArguments }) => customArguments.notificationId);
    assert.equal(ids.length, count);
    assert.equal(new Set(ids).size, count);
  });
});

Deno.test("what a sender held when it died is sent by another when its lease ends, and the trace tells of the doubt", async () => {
  await withMessages(async ({ app, ask, clock, dispatch, mails, message, system, trace }) => {
    const id = await ask();
    const died = await inTransaction(
      system(),
      async ({ sql }) => {
        const claimed = await claimNotifications(sql, clock.now(), minuteMs, 10);
        await beginSending(sql, claimed);
        return claimed;
      },
    );
    assert.equal(died.length, 1);
    clock.advance(minuteMs - 1_000);
    assert.equal(await dispatch(), 0);
    clock.advance(2_000);
    assert.equal(await dispatch(app.another().deps), 1);
    assert.deepEqual(await trace(id), [
      "queued: email is on for market_alert",
      "sending: its sender ended without a word, so that it may have been sent; tried again",
      "sent: accepted by sendgrid",
    ]);
    // It was not dead but slow: what it says now is noted and changes nothing.
    const [late] = died;
    assert.ok(late);
    const settlement = { status: "queued", reason: "refused", nextAttemptAtMs: 0 } as const;
    await settle(system(), [{ eventId: system().newId(), claimed: late, settlement }]);
    assert.equal((await message(id)).status, "sent");
    assert.equal((await trace(id)).at(-1), "queued: refused (moved nothing)");
    assert.equal(mails().length, 1);
  });
});

Deno.test("a sender that died before it began to send leaves no doubt and has used up no try", async () => {
  await withMessages(async ({ ask, clock, dispatch, mails, message, system, trace }) => {
    const id = await ask();
    for (let deaths = 0; deaths < 8; deaths++) {
      const claimed = await inTransaction(
        system(),
        ({ sql }) => claimNotifications(sql, clock.now(), minuteMs, 10),
      );
      assert.deepEqual(claimed.map(({ resumed, attempts }) => [resumed, attempts]), [[false, 1]]);
      assert.equal((await message(id)).status, "queued");
      clock.advance(minuteMs + 1_000);
    }
    assert.equal(await dispatch(), 1);
    assert.deepEqual((await trace(id)).at(-1), "sent: accepted by sendgrid");
    assert.equal(mails().length, 1);
  });
});

Deno.test("what was held for quiet hours goes when they end, by the rules of that moment", async () => {
  await withMessages(async ({ app, ask, clock, dispatch, mails, message, person, trace }) => {
    const night = new Date(clock.now() + 24 * hourMs);
    clock.moveTo(night.setUTCHours(23, 0, 0, 0));
    const quietHours = { start: "22:00", end: "07:00", timeZone: "Etc/UTC", days: everyDay };
    await setPreferences(app.inspect.sql, person.userId, { quietHours });
    const [held, moved, off, critical] = [
      await ask(),
      await ask(),
      await ask({ type: "welcome", data: { name: "Ada" } }),
      await ask({ priority: "critical" }),
    ];
    const morningMs = night.getTime() + 8 * hourMs;
    assert.equal((await message(held)).next_attempt_at.getTime(), morningMs);
    assert.equal(await dispatch(), 1);
    assert.equal((await message(critical)).status, "sent");
    clock.moveTo(morningMs - 1_000);
    assert.equal(await dispatch(), 0);

    // While they waited the person switched one kind off, and then the window's end came.
    const channels = { email: { welcome: false } };
    await setPreferences(app.inspect.sql, person.userId, { quietHours, channels });
    clock.moveTo(morningMs);
    assert.equal(await dispatch(), 3);
    assert.equal((await message(off)).status, "suppressed");
    assert.deepEqual(await trace(off), [
      "held: quiet hours until 07:00 Etc/UTC",
      "suppressed: email is off for welcome",
    ]);
    for (const id of [held, moved]) {
      assert.deepEqual(await trace(id), [
        "held: quiet hours until 07:00 Etc/UTC",
        "sent: accepted by sendgrid",
      ]);
    }
    assert.equal(mails().length, 3);
  });
});

Deno.test("a person who has moved meanwhile is not woken by what was held for the old zone", async () => {
  await withMessages(async ({ app, ask, clock, dispatch, message, person, trace }) => {
    const night = new Date(clock.now() + 24 * hourMs);
    clock.moveTo(night.setUTCHours(23, 0, 0, 0));
    const quietHours = { start: "22:00", end: "07:00", timeZone: "Etc/UTC", days: everyDay };
    await setPreferences(app.inspect.sql, person.userId, { quietHours });
    const id = await ask();
    const away = { ...quietHours, timeZone: "Etc/GMT+5" };
    await setPreferences(app.inspect.sql, person.userId, { quietHours: away });
    clock.moveTo(night.getTime() + 8 * hourMs);
    await dispatch();
    const row = await message(id);
    assert.equal(row.status, "held");
    assert.equal(row.next_attempt_at.getTime(), night.getTime() + 13 * hourMs);
    assert.equal(row.attempts, 0, "it was put back without having been tried");
    clock.moveTo(row.next_attempt_at.getTime());
    await dispatch();
    assert.deepEqual(await trace(id), [
      "held: quiet hours until 07:00 Etc/UTC",
      "held: quiet hours until 07:00 Etc/GMT+5",
      "sent: accepted by sendgrid",
    ]);
  });
});

Deno.test("a try that is due at night waits for the morning too", async () => {
  await withMessages(async ({ app, ask, clock, dispatch, message, person }) => {
    const evening = new Date(clock.now() + 24 * hourMs);
    clock.moveTo(evening.setUTCHours(21, 59, 55, 0));
    const quietHours = { start: "22:00", end: "07:00", timeZone: "Etc/UTC", days: everyDay };
    await setPreferences(app.inspect.sql, person.userId, { quietHours });
    const id = await ask();
    app.standIns.sendgrid.setFault({ kind: "status", status: 500 });
    await dispatch();
    app.standIns.sendgrid.setFault(null);
    clock.advance(15_000);
    await dispatch();
    const row = await message(id);
    assert.deepEqual([row.status, row.attempts], ["held", 1]);
  });
});

Deno.test("what comes too late to be of use is not sent", async () => {
  await withMessages(async ({ app, ask, clock, dispatch, mails, message, trace }) => {
    app.standIns.sendgrid.setFault({ kind: "status", status: 500 });
    const id = await ask({ expiresAtMs: clock.now() + minuteMs });
    await dispatch();
    app.standIns.sendgrid.setFault(null);
    clock.advance(2 * minuteMs);
    await dispatch();
    assert.equal((await message(id)).status, "expired");
    assert.match((await trace(id)).at(-1) ?? "", /^expired: of no use after /);
    assert.equal(mails().length, 0);
    const late = await ask({ expiresAtMs: clock.now() - 1, channels: ["in_app"] });
    assert.equal((await message(late, "in_app")).status, "expired");
  });
});

Deno.test("what is to appear in the app later is in nobody's inbox until then", async () => {
  await withMessages(async ({ app, ask, clock, dispatch, person }) => {
    const inbox = async () => {
      const [list, badge] = await Promise.all(
        ["", "/badge"].map(async (path) =>
          (await app.request(`/v1/inbox${path}`, { token: person.token })).json()
        ),
      );
      return [list.items.length, badge.unread];
    };
    const [before] = await inbox();
    await ask({ channels: ["in_app"], sendAtMs: clock.now() + minuteMs });
    assert.deepEqual(await inbox(), [before, before]);
    await app.request("/v1/inbox/read", {
      method: "POST",
      token: person.token,
      json: { all: true },
    }).then((response) => response.body?.cancel());
    clock.advance(2 * minuteMs);
    await dispatch();
    assert.deepEqual(await inbox(), [before + 1, 1]);
  });
});

Deno.test("a person who has left is told nothing more, and what was for them keeps nobody waiting", async () => {
  await withMessages(async ({ app, ask, dispatch, mails, message, person, trace }) => {
    const other = await app.signUp("bob");
    await app.settle();
    const before = mails().length;
    const gone = await ask();
    const stays = await ask({ userId: other.userId });
    await app.inspect.sql`update users set status = 'deleted' where id = ${person.userId}`;
    assert.equal(await dispatch(), 2);
    assert.equal((await message(gone)).status, "cancelled");
    assert.equal((await trace(gone)).at(-1), "cancelled: there is nobody to tell any more");
    assert.equal((await message(stays)).status, "sent");
    assert.equal(mails().length - before, 1);
  });
});

Deno.test("an urgent message goes before others that came due earlier, but not before those that have waited long", async () => {
  await withMessages(async ({ ask, clock, message, system }) => {
    const long = await ask({ priority: "low" });
    clock.advance(2 * minuteMs);
    const low = await ask({ priority: "low" });
    clock.advance(10_000);
    const critical = await ask({ priority: "critical" });
    const claimed = [];
    for (let n = 0; n < 3; n++) {
      claimed.push(
        ...await inTransaction(
          system(),
          ({ sql }) => claimNotifications(sql, clock.now(), minuteMs, 1),
        ),
      );
    }
    const order = await Promise.all(
      [long, critical, low].map(async (id) => (await message(id)).id),
    );
    assert.deepEqual(claimed.map(({ id }) => id), order);
    clock.advance(2 * minuteMs);
  });
});

const everyDay = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

async function setPreferences(
  sql: import("postgres").Sql,
  userId: string,
  document: Record<string, unknown>,
): Promise<void> {
  await sql`
    insert into preferences (user_id, version, document, updated_at)
    values (${userId}, 1, ${sql.json(document as never)}, now())
    on conflict (user_id) do update set document = excluded.document`;
}
