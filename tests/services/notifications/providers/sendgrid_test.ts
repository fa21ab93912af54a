import assert from "node:assert/strict";
import { startSendGrid } from "../../../../dev/vendors/sendgrid.ts";
import type { Fetch } from "../../../../lib/http_client.ts";
import { Secret } from "../../../../lib/secret.ts";
import type { OutgoingMail, SendOutcome } from "../../../../services/notifications/ports.ts";
import { toMailSend } from "../../../../services/notifications/providers/sendgrid/map.ts";
import { create, settings } from "../../../../services/notifications/providers/sendgrid/mod.ts";
import { violationsOf } from "../../../support/openapi.ts";
import { refusingUrl, saying, startRawServer } from "../../../support/raw_server.ts";
import { testWithShared } from "../../../support/shared_data.ts";

const mail: OutgoingMail = {
  from: { email: "hello@almanac.example", name: "Almanac" },
  to: { email: "ada@example.com", name: "Ada Lovelace" },
  replyTo: { email: "support@almanac.example" },
  subject: "Grüße – your plan is ready 🎉",
  html: "<p>Ready.</p>",
  text: "Ready.",
  headers: { "List-Unsubscribe": "<https://almanac.example/u/1>" },
  attachments: [
    { fileName: "plan.pdf", contentType: "application/pdf", content: new Uint8Array([1, 2, 255]) },
    {
      fileName: "logo.png",
      contentType: "image/png",
      content: new Uint8Array([7]),
      contentId: "logo",
    },
  ],
  customArguments: { notificationId: "0190d7a4-8f00-7000-8000-000000000001" },
};

const nowMs = Date.parse("2026-10-03T08:00:00Z");
const options = () => ({ signal: new AbortController().signal, idempotencyKey: "one" });

function providerAt(baseUrl: string, apiKey = "SG.test") {
  return create(settings.parse({ apiKey, baseUrl, deadlineMs: 300 }), fetch, () => nowMs);
}

testWithShared<object>(
  "what is posted fits SendGrid's OpenAPI document, with and without the optional parts",
  "providers/sendgrid/tsg_mail_v3.json",
  (document) => {
    const schema = { $ref: "#/components/requestBodies/PostMailSend" };
    const body = (value: unknown) =>
      violationsOf(document, { ...schema, media: "application/json" }, value);
    const bare = { ...mail, replyTo: undefined, attachments: [], headers: {}, html: "" };
    assert.deepEqual(body(toMailSend(mail)), []);
    assert.deepEqual(body(toMailSend(bare)), []);
    // The check itself can fail.
    const wrong = { ...toMailSend(mail), from: {}, subject: "", sender: 1, content: [{}] };
    assert.deepEqual(body(wrong), [
      "from.email: missing",
      "subject: shorter than 1",
      "content.0.type: missing",
      "content.0.value: missing",
      "sender: unknown",
    ]);
  },
);

Deno.test("plain text goes before html, an empty part is left out, and each attachment says how it shows", () => {
  const { content, attachments } = toMailSend(mail);
  assert.deepEqual(content.map(({ type }) => type), ["text/plain", "text/html"]);
  assert.deepEqual(toMailSend({ ...mail, text: "" }).content.map(({ type }) => type), [
    "text/html",
  ]);
  assert.deepEqual(attachments, [
    { content: "AQL/", type: "application/pdf", filename: "plan.pdf", disposition: "attachment" },
    {
      content: "Bw==",
      type: "image/png",
      filename: "logo.png",
      disposition: "inline",
      content_id: "logo",
    },
  ]);
});

Deno.test("send() tells accepted, refused and unknown apart, whatever comes back", async (t) => {
  const error = (field: string | null, message = "wrong") =>
    JSON.stringify({ errors: [{ message, field, help: null }] });
  const refused = (scope: string, reason: string, retryAfterMs?: number) => ({
    outcome: "refused",
    scope,
    reason,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
  const resetSeconds = String(nowMs / 1_000 + 30);
  const table: [string, Response, object][] = [
    ["202", reply(202, "", { "x-message-id": "m1" }), {
      outcome: "accepted",
      providerMessageId: "m1",
    }],
    ["202 without an id", reply(202, ""), {
      outcome: "unknown",
      reason: "202 without X-Message-Id",
    }],
    ["200 of the sandbox", reply(200, ""), { outcome: "unknown", reason: "200" }],
    ["a redirect", reply(302, "", { location: "https://x.example" }), refused("provider", "302")],
    [
      "a bad recipient",
      reply(400, error("personalizations.0.to.0.email")),
      refused("recipient", "400 personalizations.0.to.0.email: wrong"),
    ],
    ["a bad subject", reply(400, error("subject")), refused("message", "400 subject: wrong")],
    ["a bad sender", reply(400, error("from.email")), refused("message", "400 from.email: wrong")],
    ["400 without a field", reply(400, error(null)), refused("message", "400 wrong")],
    ["400 in HTML", reply(400, "<html>"), refused("message", "400")],
    ["401", reply(401, error(null, "revoked")), refused("provider", "401 revoked")],
    [
      "403",
      reply(403, error("from", "not verified")),
      refused("provider", "403 from: not verified"),
    ],
    ["404", reply(404, ""), refused("provider", "404")],
    ["413", reply(413, error(null, "too large")), refused("message", "413 too large")],
    ["429", reply(429, ""), refused("provider", "429")],
    ["429 for a while", reply(429, "", { "retry-after": "7" }), refused("provider", "429", 7_000)],
    [
      "429 until a moment",
      reply(429, "", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": resetSeconds }),
      refused("provider", "429", 30_000),
    ],
    ["500", reply(500, error(null, "oops")), refused("provider", "500 oops")],
    ["503 for a while", reply(503, "", { "retry-after": "9" }), refused("provider", "503", 9_000)],
    ["504", reply(504, ""), { outcome: "unknown", reason: "504" }],
  ];
  for (const [name, answer, expected] of table) {
    await t.step(name, async () => {
      const fetcher: Fetch = () => Promise.resolve(answer);
      const configured = settings.parse({ apiKey: "SG.test" });
      const provider = create(configured, fetcher, () => nowMs);
      assert.deepEqual(await provider.send(mail, options()), expected);
    });
  }
});

function reply(status: number, body: string, headers: Record<string, string> = {}): Response {
  return new Response(body, { status, headers });
}

Deno.test("send() knows what it cannot know: an answer that never came in full is unknown", async (t) => {
  const head = "HTTP/1.1 202 Accepted\r\nx-message-id: m1\r\n";
  const cases: [string, string | undefined, SendOutcome][] = [
    ["no answer", undefined, { outcome: "unknown", reason: "no answer: timeout" }],
    ["hung up", "", { outcome: "unknown", reason: "no answer: unreachable" }],
    ["half a head", head, { outcome: "unknown", reason: "no answer: unreachable" }],
    ["500 cut", "HTTP/1.1 500 X\r\ncontent-length: 9\r\n\r\nx", {
      outcome: "unknown",
      reason: "no answer: unreachable",
    }],
    ["202 with its body cut", `${head}content-length: 50\r\n\r\nx`, {
      outcome: "accepted",
      providerMessageId: "m1",
    }],
  ];
  for (const [name, answer, expected] of cases) {
    await t.step(name, async () => {
      await using server = startRawServer(
        answer === undefined ? () => new Promise(() => {}) : saying(answer),
      );
      assert.deepEqual(await providerAt(server.url).send(mail, options()), expected);
    });
  }
});

Deno.test("send() blames the provider for what was certainly not sent", async () => {
  const outcome = await providerAt(refusingUrl()).send(mail, options());
  assert.deepEqual(outcome, {
    outcome: "refused",
    scope: "provider",
    reason: "no answer: unreachable",
  });
});

Deno.test("send() posts one authorised JSON request, and the key never shows in the settings", async () => {
  await using server = startRawServer(
    saying("HTTP/1.1 202 Accepted\r\nx-message-id: m1\r\ncontent-length: 0\r\n\r\n"),
  );
  await providerAt(server.url, "SG.very-secret").send(mail, options());
  const [request = ""] = server.requests;
  assert.match(request, /^POST \/v3\/mail\/send HTTP\/1.1\r\n/);
  assert.match(request, /authorization: Bearer SG.very-secret\r\n/i);
  assert.match(request, /content-type: application\/json\r\n/i);
  const shown = JSON.stringify(settings.parse({ apiKey: "SG.very-secret" }));
  assert.ok(!shown.includes("very-secret"), shown);
  assert.equal(settings.parse({ apiKey: new Secret("SG.x") }).apiKey.reveal(), "SG.x");
});

Deno.test("mail and receipt travel the whole way through the stand-in", async () => {
  const sendgrid = await startSendGrid();
  const hook = receiver();
  try {
    const configured = settings.parse({
      apiKey: sendgrid.apiKey,
      baseUrl: sendgrid.url,
      webhookPublicKey: sendgrid.publicKey,
    });
    const provider = create(configured);
    const outcome = await provider.send(mail, options());
    assert.equal(outcome.outcome, "accepted");
    const [kept] = sendgrid.messages();
    assert.ok(kept);
    assert.deepEqual(await sendgrid.sendReceipts(hook.url, [{ event: "x" }]), { status: 200 });
    const [delivery] = hook.deliveries;
    assert.ok(delivery && provider.receipts);
    assert.ok(await provider.receipts.verify(delivery.headers, delivery.body, Date.now()));
    delivery.body[0] = 0x20;
    assert.ok(!await provider.receipts.verify(delivery.headers, delivery.body, Date.now()));
  } finally {
    await hook.stop();
    await sendgrid.stop();
  }
});

function receiver() {
  const deliveries: { headers: Headers; body: Uint8Array<ArrayBuffer> }[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      deliveries.push({ headers: request.headers, body: await request.bytes() });
      return new Response();
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/webhooks/sendgrid`,
    deliveries,
    stop: () => server.shutdown(),
  };
}
