import assert from "node:assert/strict";
import { startSendGrid } from "../../dev/vendors/sendgrid.ts";
import { type TestApp, withApp } from "../support/app.ts";
import { captureWebhook } from "../support/webhook.ts";

const path = "/webhooks/sendgrid";

function event(fields: Record<string, unknown> = {}) {
  return {
    email: "ada@example.com",
    timestamp: Math.floor(Date.now() / 1_000),
    event: "delivered",
    sg_event_id: crypto.randomUUID(),
    sg_message_id: "abc.recvd-1-2-3",
    ...fields,
  };
}

/** Posts events as the vendor does, and answers the status. */
async function post(app: TestApp, events: object[]): Promise<number | undefined> {
  return (await app.standIns.sendgrid.sendReceipts(`${app.url}${path}`, events)).status;
}

async function storedIds(app: TestApp): Promise<string[]> {
  const rows = await app.inspect.sql<{ event_id: string }[]>`
    select event_id from receipts order by event_id`;
  return rows.map(({ event_id }) => event_id);
}

Deno.test("receipts that the vendor signed are stored, each once, however often and in whatever batches they come", async () => {
  await withApp(async (app) => {
    const [a, b, c] = [event(), event(), event()];
    assert.equal(await post(app, [a, b, a]), 200);
    assert.equal(await post(app, [b, c]), 200);
    assert.equal(await post(app, [a, b, c]), 200);
    assert.deepEqual(await storedIds(app), [a, b, c].map((one) => one.sg_event_id).sort());
  });
});

Deno.test("a receipt that the vendor did not sign is answered 401, and nothing of it is stored", async () => {
  await withApp(async (app) => {
    const stranger = await startSendGrid();
    try {
      const forged = await stranger.sendReceipts(`${app.url}${path}`, [event()]);
      assert.equal(forged.status, 401);
    } finally {
      await stranger.stop();
    }
    const { headers, body } = await captureWebhook(async (url) => {
      await app.standIns.sendgrid.sendReceipts(url, [event()]);
    });
    const text = new TextDecoder().decode(body);
    const signature = headers.get("x-twilio-email-event-webhook-signature") ?? "";
    const timestamp = headers.get("x-twilio-email-event-webhook-timestamp") ?? "";
    const tries: [what: string, signature: string, timestamp: string, body: string][] = [
      ["another body", signature, timestamp, text.replace("ada@", "eve@")],
      ["the line break at the end left out", signature, timestamp, text.trimEnd()],
      ["another time", signature, String(Number(timestamp) + 1), text],
      ["no signature", "", timestamp, text],
      ["no time", signature, "", text],
      ["a signature that is none", "bm9uZQ==", timestamp, text],
    ];
    const send = (sign: string, time: string, sent: string) =>
      app.request(path, {
        method: "POST",
        body: sent,
        headers: {
          "content-type": "application/json",
          "x-twilio-email-event-webhook-signature": sign,
          "x-twilio-email-event-webhook-timestamp": time,
        },
      });
    for (const [what, sign, time, sent] of tries) {
      const response = await send(sign, time, sent);
      const { code } = await response.json();
      assert.equal(`${response.status} ${code}`, "401 invalid_signature", what);
    }
    assert.deepEqual(await storedIds(app), []);
    assert.deepEqual(await (await send(signature, timestamp, text)).json(), { taken: 1 });
  });
});

Deno.test("without the vendor's key no receipt is believed", async () => {
  await withApp(async (app) => {
    assert.equal(await post(app, [event()]), 401);
  }, { env: { SENDGRID_WEBHOOK_PUBLIC_KEY: "" } });
});

Deno.test("what others have sent through the same account, and what Postgres cannot keep, does no harm to its neighbours", async () => {
  await withApp(async (app) => {
    const odd = [
      event({ sg_event_id: "1", notificationId: "order-17" }),
      event({ sg_event_id: "2", notificationId: 17 }),
      event({ sg_event_id: "3", event: "bounce", type: "bounce", reason: "half a \ud83d pair" }),
      event({ sg_event_id: "4", event: "bounce", type: "blocked", reason: "a NUL \0 in it" }),
      event({ sg_event_id: "5", email: "\0", sg_message_id: "\0" }),
      event({ sg_event_id: "6", event: "a new kind" }),
      { event: "delivered" },
      event({ sg_event_id: "7" }),
    ];
    assert.equal(await post(app, odd), 200);
    assert.deepEqual(await storedIds(app), ["1", "2", "3", "4", "5", "7"]);
    await app.settle();
    const waiting = await app.inspect.sql`select from receipts where applied_at is null`;
    assert.equal(waiting.length, 0);
  });
});

Deno.test("a batch of thousands is stored as a whole and applied to the last", async () => {
  await withApp(async (app) => {
    const events = Array.from({ length: 2_300 }, () => event({ ip: undefined }));
    assert.equal(await post(app, events), 200);
    assert.equal((await storedIds(app)).length, events.length);
    await app.settle();
    const waiting = await app.inspect.sql`select from receipts where applied_at is null`;
    assert.equal(waiting.length, 0);
  });
});

Deno.test("a body that is too large or no JSON is refused by its name", async () => {
  await withApp(async (app) => {
    const large = await app.request(path, { method: "POST", body: "x".repeat(1_000_001) });
    assert.equal(large.status, 413);
    await large.body?.cancel();
    const unsigned = await app.request(path, { method: "POST", body: "{" });
    assert.equal(unsigned.status, 401, "nothing is parsed before the signature is right");
    await unsigned.body?.cancel();
  });
});
