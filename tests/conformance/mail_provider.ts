import assert from "node:assert/strict";
import type {
  MailProvider,
  OutgoingMail,
  Receipt,
  ReceiptKind,
} from "../../services/notifications/ports.ts";

/** What every vendor's stand-in can be made to do; how is the vendor's own business. */
export type MailTrouble =
  | "limited"
  | "down"
  | "key_revoked"
  | "silent"
  | "swallows_the_reply"
  | "cuts_the_reply"
  | "endless_reply"
  | "gone";

/** A mail as the stand-in understood it. */
export interface ArrivedMail {
  to: string;
  subject: string;
  html: string;
  text: string;
  headers: Record<string, string>;
  notificationId: string;
  attachments: { fileName: string; contentBase64: string }[];
}

export interface MailVendor {
  name: string;
  /** Gives up on an answer within half a second. */
  start(): Promise<MailVendorRun>;
}

export interface MailVendorRun {
  provider: MailProvider;
  arrived(): ArrivedMail[];
  trouble(kind: MailTrouble | null): void;
  /** The signed webhook request by which the vendor reports this about the latest mail. */
  receipt?(kind: ReceiptKind): Promise<{ headers: Headers; body: Uint8Array<ArrayBuffer> }>;
  stop(): Promise<void>;
}

const mail: OutgoingMail = {
  from: { email: "hello@almanac.example", name: "Almanac" },
  to: { email: "ada@example.com", name: "Ada Lovelace" },
  subject: "Grüße – 100 % „sicher“ 🎉",
  html: '<p class="a">Hello &amp; welcome, Ærøskøbing</p>',
  text: "Hello & welcome,\nÆrøskøbing",
  headers: {
    "List-Unsubscribe": "<https://almanac.example/u/1>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
  },
  attachments: [{
    fileName: "plan.bin",
    contentType: "application/octet-stream",
    content: Uint8Array.from({ length: 256 }, (_, at) => at),
  }],
  customArguments: { notificationId: "0190d7a4-8f00-7000-8000-000000000001" },
};

const options = () => ({ signal: new AbortController().signal, idempotencyKey: "one" });

/** What every provider of mail must do, tried on one vendor. */
export function testMailProvider(vendor: MailVendor): void {
  for (const [guarantee, hold] of Object.entries(guarantees)) {
    Deno.test(`${vendor.name} ${guarantee}`, async () => {
      const run = await vendor.start();
      try {
        await hold(run);
      } finally {
        await run.stop();
      }
    });
  }
}

const guarantees: Record<string, (run: MailVendorRun) => Promise<void>> = {
  "delivers a mail whole, once, and names it": async ({ provider, arrived }) => {
    const outcome = await provider.send(mail, options());
    assert.equal(outcome.outcome, "accepted");
    assert.ok(outcome.outcome === "accepted" && outcome.providerMessageId.length > 0);
    assert.equal(arrived().length, 1);
    const [{ headers, ...rest } = assert.fail()] = arrived();
    assert.deepEqual(rest, {
      to: mail.to.email,
      subject: mail.subject,
      html: mail.html,
      text: mail.text,
      notificationId: mail.customArguments.notificationId,
      attachments: [{
        fileName: "plan.bin",
        contentBase64: mail.attachments?.[0]?.content.toBase64(),
      }],
    });
    for (const [name, value] of Object.entries(mail.headers)) assert.equal(headers[name], value);
  },

  "names every mail differently": async ({ provider }) => {
    const outcomes = await Promise.all([1, 2, 3].map(() => provider.send(mail, options())));
    const ids = outcomes.map((it) => it.outcome === "accepted" ? it.providerMessageId : "");
    assert.equal(new Set(ids).size, 3);
  },

  "blames the recipient for an address that is none": async ({ provider, arrived }) => {
    const outcome = await provider.send({ ...mail, to: { email: "nobody" } }, options());
    assert.ok(outcome.outcome === "refused" && outcome.scope === "recipient", show(outcome));
    assert.equal(arrived().length, 0);
  },

  "blames the message for what it may not say": async ({ provider, arrived }) => {
    const outcome = await provider.send({ ...mail, subject: "" }, options());
    assert.ok(outcome.outcome === "refused" && outcome.scope === "message", show(outcome));
    assert.equal(arrived().length, 0);
  },

  "blames itself while it refuses, is down, gone or closed to us": async (run) => {
    // "gone" first: a kept connection that dies may have taken the request with it.
    for (const kind of ["gone", "limited", "down", "key_revoked"] as const) {
      run.trouble(kind);
      const outcome = await run.provider.send(mail, options());
      assert.ok(
        outcome.outcome === "refused" && outcome.scope === "provider",
        `${kind}: ${show(outcome)}`,
      );
      if (kind === "limited") assert.equal(outcome.retryAfterMs, 7_000);
    }
    assert.equal(run.arrived().length, 0);
    run.trouble(null);
    assert.equal((await run.provider.send(mail, options())).outcome, "accepted");
  },

  "does not guess what became of a mail without an answer": async (run) => {
    for (const kind of ["silent", "swallows_the_reply", "endless_reply"] as const) {
      run.trouble(kind);
      const outcome = await run.provider.send(mail, options());
      assert.equal(outcome.outcome, "unknown", `${kind}: ${show(outcome)}`);
    }
    assert.equal(run.arrived().length, 1, "the swallowed one did arrive");
  },

  "never takes a mail that arrived for one that was refused": async (run) => {
    run.trouble("cuts_the_reply");
    const outcome = await run.provider.send(mail, options());
    assert.equal(run.arrived().length, 1);
    assert.notEqual(outcome.outcome, "refused");
  },

  "sends nothing once it was told to stop": async ({ provider, arrived }) => {
    const outcome = await provider.send(mail, { ...options(), signal: AbortSignal.abort() });
    assert.ok(outcome.outcome === "refused" && outcome.scope === "provider", show(outcome));
    assert.equal(arrived().length, 0);
  },

  "stops waiting when it is told to": async (run) => {
    run.trouble("silent");
    const stopping = new AbortController();
    const sending = run.provider.send(mail, { ...options(), signal: stopping.signal });
    stopping.abort();
    assert.equal((await sending).outcome, "unknown");
  },

  "reads its own signed receipts, and no others": async (run) => {
    const { provider, receipt } = run;
    const { receipts: reader } = provider;
    assert.equal(receipt === undefined, reader === undefined);
    if (!receipt || !reader) return;
    const sent = await provider.send(mail, options());
    for (const kind of receiptKinds) {
      const { headers, body } = await receipt(kind);
      assert.ok(await reader.verify(headers, body, Date.now()), kind);
      const receipts: Receipt[] = reader.read(body);
      assert.equal(receipts.length, 1);
      assertReceipt(receipts[0], kind, sent.outcome === "accepted" ? sent.providerMessageId : "");
      const changed = body.map((byte, at) => at === body.length >> 1 ? byte ^ 1 : byte);
      assert.ok(!await reader.verify(headers, changed, Date.now()), "changed body");
      assert.ok(!await reader.verify(new Headers(), body, Date.now()), "no signature");
    }
  },
};

const receiptKinds: ReceiptKind[] = [
  "delivered",
  "bounced",
  "opened",
  "clicked",
  "complained",
  "unsubscribed",
];

function assertReceipt(receipt: Receipt | undefined, kind: ReceiptKind, messageId: string) {
  assert.equal(receipt?.kind, kind);
  assert.equal(receipt?.providerMessageId, messageId);
  assert.equal(receipt?.notificationId, mail.customArguments.notificationId);
  assert.equal(receipt?.recipient, mail.to.email);
  assert.ok((receipt?.eventId.length ?? 0) > 0);
  if (kind === "bounced") assert.equal(receipt?.permanent, true);
}

function show(value: unknown): string {
  return JSON.stringify(value);
}
