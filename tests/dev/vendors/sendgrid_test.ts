import assert from "node:assert/strict";
import { type RunningSendGrid, startSendGrid } from "../../../dev/vendors/sendgrid.ts";
import { createSigner } from "../../../dev/vendors/sendgrid/sign.ts";
import { checkMail } from "../../../dev/vendors/sendgrid/validate.ts";
import { createReceiptReader } from "../../../services/notifications/providers/sendgrid/receipts.ts";
import { captureWebhook } from "../../support/webhook.ts";

const body = {
  personalizations: [{
    to: [{ email: "ada@example.com" }],
    custom_args: { notificationId: "n1" },
  }],
  from: { email: "hello@almanac.example" },
  subject: "<b>Hello</b>",
  content: [
    { type: "text/plain", value: "Hello" },
    { type: "text/html", value: '<p>Hello</p><script>alert(1)</script><img src="cid:logo">' },
  ],
  attachments: [{ content: "AQL/", filename: "l.png", type: "image/png", content_id: "logo" }],
};

const html = { accept: "text/html" };

function test(guarantee: string, run: (sendgrid: RunningSendGrid) => Promise<void>) {
  Deno.test(guarantee, async () => {
    const sendgrid = await startSendGrid();
    try {
      await run(sendgrid);
    } finally {
      await sendgrid.stop();
    }
  });
}

function post(sendgrid: RunningSendGrid, mail: unknown = body, headers: HeadersInit = {}) {
  return fetch(`${sendgrid.url}/v3/mail/send`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${sendgrid.apiKey}`,
      "content-type": "application/json",
      ...headers,
    },
    body: typeof mail === "string" ? mail : JSON.stringify(mail),
  });
}

async function press(sendgrid: RunningSendGrid, path: string, event: string, headers = {}) {
  return await fetch(sendgrid.url + path, {
    method: "POST",
    body: new URLSearchParams({ event }),
    headers,
    redirect: "manual",
  });
}

test("the stand-in refuses as SendGrid does: key, type, JSON, size, method, address", async (sendgrid) => {
  const url = `${sendgrid.url}/v3/mail/send`;
  const answers: [number, Promise<Response>][] = [
    [401, fetch(url, { method: "POST" })],
    [401, post(sendgrid, body, { authorization: "Bearer SG.other" })],
    [415, post(sendgrid, body, { "content-type": "text/plain" })],
    [400, post(sendgrid, "{")],
    [400, post(sendgrid, [])],
    [400, post(sendgrid, {})],
    [413, post(sendgrid, `{"a":"${"x".repeat(30 * 1024 * 1024)}"}`)],
    [405, fetch(url)],
    [404, fetch(`${sendgrid.url}/v3/elsewhere`)],
  ];
  for (const [status, answer] of answers) {
    const response = await answer;
    assert.equal(response.status, status);
    const { errors } = await response.json();
    assert.deepEqual(Object.keys(errors[0]).sort(), ["field", "help", "message"]);
  }
  assert.equal(sendgrid.messages().length, 0);
});

Deno.test("the stand-in names the field that SendGrid would name", () => {
  const [envelope] = body.personalizations;
  const cases: [string, object][] = [
    ["personalizations", { personalizations: [] }],
    ["personalizations.0.to", { personalizations: [{}] }],
    ["personalizations.0.to.0.email", { personalizations: [{ to: [{ email: "x" }] }] }],
    ["personalizations.0.cc.0.email", { personalizations: [{ ...envelope, cc: ["a@b.example"] }] }],
    ["personalizations.0", {
      personalizations: [{ ...envelope, bcc: [{ email: "ADA@example.com" }] }],
    }],
    ["personalizations.0.custom_args", {
      personalizations: [{ ...envelope, custom_args: { a: 1 } }],
    }],
    ["personalizations.0.custom_args", {
      personalizations: [{ ...envelope, custom_args: { a: "x".repeat(10_000) } }],
    }],
    ["from.email", { from: undefined }],
    ["from.email", { from: { email: "x" } }],
    ["subject", { subject: "" }],
    ["content", { content: [] }],
    ["content.0.value", { content: [{ type: "text/plain", value: "" }] }],
    ["content", { content: body.content.toReversed() }],
    ["headers.Subject", { headers: { Subject: "x" } }],
    ["headers", { headers: { a: 1 } }],
    ["attachments.0.content", { attachments: [{ content: "%", filename: "a" }] }],
    ["attachments.0.filename", { attachments: [{ content: "AQL/" }] }],
    ["categories", { categories: Array.from({ length: 11 }, () => "c") }],
  ];
  assert.deepEqual(checkMail(body), []);
  for (const [field, change] of cases) {
    assert.deepEqual(checkMail({ ...body, ...change }).map((error) => error.field), [field]);
  }
});

test("each envelope of a request is a mail of its own, under one message id", async (sendgrid) => {
  const second = { to: [{ email: "bob@example.com" }], subject: "For Bob" };
  const response = await post(sendgrid, {
    ...body,
    personalizations: [...body.personalizations, second],
  });
  assert.equal(response.status, 202);
  assert.equal(await response.text(), "");
  const [first, other] = sendgrid.messages();
  assert.deepEqual(
    [first?.messageId, other?.messageId],
    Array(2).fill(response.headers.get("x-message-id")),
  );
  assert.notEqual(first?.id, other?.id);
  assert.deepEqual([first?.subject, other?.subject], ["<b>Hello</b>", "For Bob"]);
  const listed = await (await fetch(`${sendgrid.url}/dev/mails?to=BOB@example.com`)).json();
  assert.deepEqual(listed.map(({ id }: { id: string }) => id), [other?.id]);
});

test("the outbox shows mails as text, and runs nothing that they hold", async (sendgrid) => {
  await (await post(sendgrid)).body?.cancel();
  await (await post(sendgrid, { ...body, subject: "Newest" })).body?.cancel();
  const list = await fetch(sendgrid.url, { headers: html });
  const text = await list.text();
  assert.ok(text.includes("&lt;b&gt;Hello&lt;/b&gt;") && !text.includes("<b>Hello</b>"));
  assert.ok(text.indexOf("Newest") < text.indexOf("Hello"), "newest first");
  assert.match(list.headers.get("content-security-policy") ?? "", /^default-src 'none'/);
  const [mail] = sendgrid.messages();
  const page = await (await fetch(`${sendgrid.url}/mails/${mail?.id}`)).text();
  const [, frame = ""] = /<iframe([^>]*)>/.exec(page) ?? [];
  assert.match(frame, /sandbox="allow-popups allow-popups-to-escape-sandbox"/);
  assert.ok(frame.includes("&lt;script&gt;") || frame.includes("&lt;p&gt;Hello"), frame);
  assert.ok(frame.includes("data:image/png;base64,AQL/"), "inline image");
  assert.ok(!page.includes("<script>"));
  const missing = await fetch(`${sendgrid.url}/mails/none`);
  assert.equal(missing.status, 404);
  await missing.body?.cancel();
});

test("a button sends one signed receipt and shows what became of it", async (sendgrid) => {
  await (await post(sendgrid)).body?.cancel();
  const [mail] = sendgrid.messages();
  const path = `/mails/${mail?.id}/events`;
  await (await press(sendgrid, path, "delivered")).body?.cancel();
  const { headers, body: received } = await captureWebhook(async (url) => {
    const set = await fetch(`${sendgrid.url}/dev/webhook`, {
      method: "POST",
      body: JSON.stringify({ url }),
    });
    assert.deepEqual(await set.json(), { url });
    const pressed = await press(sendgrid, path, "bounced", html);
    assert.deepEqual(
      [pressed.status, pressed.headers.get("location")],
      [303, `/mails/${mail?.id}`],
    );
    await pressed.body?.cancel();
  });
  const reader = createReceiptReader({ publicKey: sendgrid.publicKey });
  assert.ok(await reader.verify(headers, received, Date.now()));
  const [receipt] = reader.read(received);
  assert.deepEqual([receipt?.kind, receipt?.notificationId], ["bounced", "n1"]);
  const [kept] = sendgrid.messages();
  assert.deepEqual(
    kept?.receipts.map(({ kind, answer }) => [kind, answer]),
    [["delivered", "no webhook is set"], ["bounced", "200"]],
  );
  const unknown = await press(sendgrid, path, "exploded");
  assert.equal(unknown.status, 422);
  await unknown.body?.cancel();
});

test("no other site may read the outbox or press its buttons", async (sendgrid) => {
  const port = new URL(sendgrid.url).port;
  const foreign = await fetch(`${sendgrid.url}/dev/fault`, {
    method: "POST",
    headers: { origin: "https://evil.example" },
    body: "null",
  });
  assert.equal(foreign.status, 403);
  await foreign.body?.cancel();
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  const request = "GET / HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n";
  await connection.write(new TextEncoder().encode(request));
  const answer = await new Response(connection.readable).text();
  assert.match(answer, /^HTTP\/1.1 403 /);
});

test("a fault is set and cleared over HTTP, hits the API only, and an unknown one is refused", async (sendgrid) => {
  const set = async (fault: unknown) => {
    const response = await fetch(`${sendgrid.url}/dev/fault`, {
      method: "POST",
      body: JSON.stringify(fault),
    });
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await set({ kind: "status", status: 429, retryAfter: "3" }), 200);
  const limited = await post(sendgrid);
  assert.deepEqual([limited.status, limited.headers.get("retry-after")], [429, "3"]);
  await limited.body?.cancel();
  const page = await fetch(sendgrid.url);
  assert.equal(page.status, 200);
  await page.body?.cancel();
  assert.equal(await set({ kind: "explode" }), 422);
  assert.equal(await set({ kind: "status", rate: 2 }), 422);
  assert.equal(await set(null), 200);
  const fine = await post(sendgrid);
  assert.equal(fine.status, 202);
  await fine.body?.cancel();
});

test("a rate hits its share of the requests, the same ones each time", async (sendgrid) => {
  const run = async () => {
    sendgrid.setFault({ kind: "status", status: 500, rate: 0.3 });
    const statuses: number[] = [];
    for (let at = 0; at < 100; at++) {
      const response = await post(sendgrid);
      statuses.push(response.status);
      await response.body?.cancel();
    }
    return statuses;
  };
  const first = await run();
  const share = first.filter((status) => status === 500).length;
  assert.ok(share >= 15 && share <= 45, String(share));
  assert.deepEqual(await run(), first);
});

Deno.test("every signature verifies, whatever zeros its numbers begin with, and a given key stays the same", async () => {
  const pkcs8Head = "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420";
  const scalar = new Uint8Array(32).fill(7);
  const key = Uint8Array.of(...Uint8Array.fromHex(pkcs8Head), ...scalar).toBase64();
  const [signer, again] = [await createSigner(key), await createSigner(key)];
  assert.equal(signer.publicKey, again.publicKey);
  const reader = createReceiptReader(signer);
  // One in 256 numbers is shorter than 32 bytes.
  for (let at = 0; at < 600; at++) {
    const timestamp = String(1_600_000_000 + at);
    const headers = new Headers({
      "x-twilio-email-event-webhook-signature": await signer.sign(timestamp, "[]"),
      "x-twilio-email-event-webhook-timestamp": timestamp,
    });
    assert.ok(await reader.verify(headers, new TextEncoder().encode("[]"), 0), timestamp);
  }
});
