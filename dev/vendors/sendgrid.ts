import type { Hono } from "hono";
import { createOutbox, type OutboxMail } from "./sendgrid/outbox.ts";
import { mountApi, toApiError } from "./sendgrid/api.ts";
import { createIntake } from "./sendgrid/intake.ts";
import { mountPages } from "./sendgrid/mount_pages.ts";
import { createSigner } from "./sendgrid/sign.ts";
import { createWebhook, type WebhookAnswer } from "./sendgrid/webhook.ts";
import type { Fault } from "./support/faults.ts";
import { type RunningVendor, startVendor } from "./support/vendor.ts";

export type { OutboxMail } from "./sendgrid/outbox.ts";
export type { WebhookAnswer } from "./sendgrid/webhook.ts";
export type SendGridFault = Fault;

export interface SendGridOptions {
  port?: number;
  apiKey?: string;
  /** Where receipts go when a button of the outbox is pressed; POST /dev/webhook changes it. */
  webhookUrl?: string;
  /** Base64 PKCS#8 of a P-256 key, to sign receipts with the same key in every run. */
  privateKey?: string;
  /** Takes a line for people: each mail, each receipt. */
  report?: (line: string) => void;
}

export interface RunningSendGrid extends RunningVendor<never> {
  readonly apiKey: string;
  /** Base64 SPKI, as SendGrid shows the verification key of its webhook. */
  readonly publicKey: string;
  /** In the order of their arrival, the latest 20,000. */
  messages(): OutboxMail[];
  /** How many requests did their work, repeated ones included. */
  takenCount(): number;
  /**
   * Whether a mail under a `notificationId` that was taken before is answered as the first one and not sent. The real
   * SendGrid has nothing like it and sends again, as this does unless told: it is there to stand for vendors that do.
   */
  setIdempotent(idempotent: boolean): void;
  /** Posts events, signed as SendGrid signs them; never throws. */
  sendReceipts(targetUrl: string, events: object[]): Promise<WebhookAnswer>;
}

/** A stand-in for SendGrid's mail API and its signed event webhook, with an outbox to look at under `url`. */
export async function startSendGrid(options: SendGridOptions = {}): Promise<RunningSendGrid> {
  const startedMs = performance.now();
  const { apiKey = `SG.${crypto.randomUUID()}`, report = () => {} } = options;
  const signer = await createSigner(options.privateKey);
  const outbox = createOutbox();
  const intake = createIntake(outbox);
  const webhook = createWebhook({ signer, url: options.webhookUrl, report });
  const vendor = startVendor<never>({
    port: options.port,
    api: "/v3/*",
    own: {},
    statusAnswer: toApiError,
    mount(app: Hono) {
      mountApi(app, { apiKey, intake, report });
      mountPages(app, { outbox, webhook });
    },
  });
  return {
    ...vendor,
    elapsedMs: performance.now() - startedMs,
    apiKey,
    publicKey: signer.publicKey,
    messages: outbox.all,
    takenCount: intake.count,
    setIdempotent: intake.setIdempotent,
    sendReceipts: webhook.send,
  };
}
