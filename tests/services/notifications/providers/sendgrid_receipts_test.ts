import assert from "node:assert/strict";
import { isFailure } from "../../../../lib/errors.ts";
import { createReceiptReader } from "../../../../services/notifications/providers/sendgrid/receipts.ts";
import { testWithShared } from "../../../support/shared_data.ts";

const nowMs = Date.parse("2026-10-03T08:00:00Z");

interface Vectors {
  sendgrid_event_webhook: {
    cases: {
      publicKey: string;
      signature: string;
      timestamp: string;
      payload: string;
      valid: boolean;
    }[];
  };
}

function signedHeaders(signature: string, timestamp: string): Headers {
  return new Headers({
    "x-twilio-email-event-webhook-signature": signature,
    "x-twilio-email-event-webhook-timestamp": timestamp,
  });
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

testWithShared<Vectors>(
  "SendGrid's own signature vectors verify as published",
  "providers/vectors.json",
  async ({ sendgrid_event_webhook: { cases } }) => {
    assert.equal(cases.length, 3);
    for (const { publicKey, signature, timestamp, payload, valid } of cases) {
      const reader = createReceiptReader({ publicKey });
      const headers = signedHeaders(signature, timestamp);
      assert.equal(await reader.verify(headers, bytesOf(payload), nowMs), valid);
    }
  },
);

testWithShared<Vectors>(
  "a receipt whose bytes, time, key or signature was changed does not verify",
  "providers/vectors.json",
  async ({ sendgrid_event_webhook: { cases } }) => {
    const [given, other] = cases;
    assert.ok(given && other);
    const { publicKey, signature, timestamp, payload } = given;
    const reader = createReceiptReader({ publicKey });
    const verify = (signature: string, timestamp: string, payload: string) =>
      reader.verify(signedHeaders(signature, timestamp), bytesOf(payload), nowMs);
    assert.equal(await verify(signature, timestamp, payload), true);
    const forged: Record<string, [string, string, string]> = {
      "line break stripped": [signature, timestamp, payload.trimEnd()],
      "one letter changed": [signature, timestamp, payload.replace("dropped", "droppee")],
      "printed again": [signature, timestamp, JSON.stringify(JSON.parse(payload), null, 1)],
      "another time": [signature, String(Number(timestamp) + 1), payload],
      "a time with a zero before it": [signature, `0${timestamp}`, payload],
      "no time": [signature, "", payload],
      "time moved into the body": [
        signature,
        timestamp.slice(0, -1),
        timestamp.slice(-1) + payload,
      ],
      "another mail's signature": [other.signature, timestamp, payload],
      "no signature": ["", timestamp, payload],
      "not base64": ["%%%", timestamp, payload],
      "not DER": [bytesOf("hello").toBase64(), timestamp, payload],
      "cut DER": [Uint8Array.fromBase64(signature).slice(0, -1).toBase64(), timestamp, payload],
      "r and s of zero": [Uint8Array.of(0x30, 6, 2, 1, 0, 2, 1, 0).toBase64(), timestamp, payload],
    };
    for (const [name, parts] of Object.entries(forged)) {
      assert.equal(await verify(...parts), false, name);
    }
    const stranger = createReceiptReader({ publicKey: other.publicKey });
    const headers = signedHeaders(signature, timestamp);
    assert.equal(await stranger.verify(headers, bytesOf(payload), nowMs), false);
  },
);

testWithShared<Vectors>(
  "age refuses a receipt only where a limit is set",
  "providers/vectors.json",
  async ({ sendgrid_event_webhook: { cases: [given] } }) => {
    assert.ok(given);
    const { publicKey, signature, timestamp, payload } = given;
    const signedMs = Number(timestamp) * 1_000;
    const verify = (ageMaxMs: number | undefined, atMs: number) =>
      createReceiptReader({ publicKey, ageMaxMs })
        .verify(signedHeaders(signature, timestamp), bytesOf(payload), atMs);
    assert.equal(await verify(undefined, signedMs + 86_400_000), true);
    assert.equal(await verify(300_000, signedMs + 300_000), true);
    assert.equal(await verify(300_000, signedMs + 301_000), false);
    assert.equal(await verify(300_000, signedMs - 301_000), false);
  },
);

testWithShared<Vectors>(
  "SendGrid's published events are read with their ids, reasons and permanence",
  "providers/vectors.json",
  ({ sendgrid_event_webhook: { cases: [dropped, bounced] } }) => {
    assert.ok(dropped && bounced);
    const reader = createReceiptReader(dropped);
    const [drop] = reader.read(bytesOf(dropped.payload));
    assert.ok(drop);
    assert.equal(drop.kind, "dropped");
    assert.equal(drop.providerMessageId, "LRzXl_NHStOGhQ4kofSm_A");
    assert.equal(drop.eventId, "ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA");
    assert.equal(drop.recipient, "hello@world.com");
    assert.deepEqual([drop.permanent, drop.reason], [true, "Bounced Address"]);
    assert.equal(drop.atMs, 1_600_112_492_000);
    const [processed, bounce] = reader.read(bytesOf(bounced.payload));
    assert.equal(processed?.kind, "processed");
    // A full mailbox: 5.2.2, but "blocked", so that the address is not given up.
    assert.deepEqual([bounce?.kind, bounce?.permanent], ["bounced", false]);
  },
);

Deno.test("every kind of event is read, and one that is broken or unknown does not lose its neighbours", () => {
  const reader = createReceiptReader({ publicKey: "" });
  const common = { timestamp: 1_600_000_000, sg_message_id: "abc.recv.1", email: "a@example.com" };
  const events: [object, object | undefined][] = [
    [{ event: "processed" }, { kind: "processed" }],
    [{ event: "deferred", response: "451 later" }, { kind: "deferred", reason: "451 later" }],
    [{ event: "delivered", response: "250 OK" }, { kind: "delivered", reason: "250 OK" }],
    [{ event: "bounce", type: "bounce", reason: "no" }, {
      kind: "bounced",
      permanent: true,
      reason: "no",
    }],
    [{ event: "bounce", type: "blocked", status: "5.7.1" }, { kind: "bounced", permanent: false }],
    [{ event: "bounce", status: "5.1.1" }, { kind: "bounced", permanent: true }],
    [{ event: "bounce", status: "4.2.2" }, { kind: "bounced", permanent: false }],
    [{ event: "bounce" }, { kind: "bounced", permanent: false }],
    [{ event: "dropped", reason: "Invalid" }, { kind: "dropped", permanent: true }],
    [{ event: "dropped", reason: "Spam Content" }, { kind: "dropped", permanent: false }],
    [{ event: "open", sg_machine_open: true }, { kind: "opened", machine: true }],
    [{ event: "open" }, { kind: "opened", machine: false }],
    [{ event: "click", url: "https://example.com" }, { kind: "clicked" }],
    [{ event: "spamreport" }, { kind: "complained" }],
    [{ event: "unsubscribe" }, { kind: "unsubscribed" }],
    [{ event: "group_unsubscribe", asm_group_id: 1 }, { kind: "unsubscribed" }],
    // SendGrid leaves the message id out of a bounce that comes late.
    [{ event: "bounce", type: "bounce", sg_message_id: undefined }, {
      kind: "bounced",
      providerMessageId: undefined,
    }],
    [{ event: "delivered", notificationId: "n1" }, { kind: "delivered", notificationId: "n1" }],
    [{ event: "delivered", reason: 5, notificationId: 7 }, {
      kind: "delivered",
      reason: undefined,
      notificationId: undefined,
    }],
    [{ event: "group_resubscribe" }, undefined],
    [{ event: "constructor" }, undefined],
    [{ event: "delivered", timestamp: "yesterday" }, undefined],
    [{ event: "delivered", sg_event_id: undefined }, undefined],
  ];
  const body = [
    null,
    "text",
    ...events.map(([event], at) => ({ ...common, sg_event_id: `e${at}`, ...event })),
  ];
  const receipts = reader.read(bytesOf(JSON.stringify(body)));
  const expected = events.flatMap(([, expected], at) =>
    expected ? [{ eventId: `e${at}`, ...expected }] : []
  );
  assert.equal(receipts.length, expected.length);
  receipts.forEach((receipt, at) => {
    for (const [field, value] of Object.entries(expected[at] ?? {})) {
      assert.deepEqual(receipt[field as keyof typeof receipt], value, `${field} of ${at}`);
    }
    assert.equal(receipt.provider, "sendgrid");
    assert.equal(receipt.atMs, 1_600_000_000_000);
  });
});

Deno.test("a body that is not JSON is refused, and one event may stand without its list", () => {
  const reader = createReceiptReader({ publicKey: "" });
  assert.throws(
    () => reader.read(bytesOf("<html>")),
    (error) => isFailure(error, "malformed_json"),
  );
  const event = { event: "delivered", timestamp: 1, sg_event_id: "e" };
  assert.equal(reader.read(bytesOf(JSON.stringify(event))).length, 1);
});

Deno.test("a verification key that is none is a wrong setting, never a forgery", async () => {
  const headers = signedHeaders(Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1).toBase64(), "1600000000");
  const reader = createReceiptReader({ publicKey: "AAAA" });
  await assert.rejects(reader.verify(headers, new Uint8Array(), nowMs));
});
