import { startSendGrid } from "../../dev/vendors/sendgrid.ts";
import { create, settings } from "../../services/notifications/providers/sendgrid/mod.ts";
import { type MailVendor, testMailProvider } from "./mail_provider.ts";
import { captureWebhook } from "../support/webhook.ts";

const sendgrid: MailVendor = {
  name: "SendGrid",
  async start() {
    const vendor = await startSendGrid();
    const configured = settings.parse({
      apiKey: vendor.apiKey,
      baseUrl: vendor.url,
      webhookPublicKey: vendor.publicKey,
      deadlineMs: 400,
    });
    const faults = {
      limited: { kind: "status", status: 429, retryAfter: "7" },
      down: { kind: "status", status: 500 },
      key_revoked: { kind: "status", status: 401 },
      silent: { kind: "timeout" },
      swallows_the_reply: { kind: "swallow" },
      cuts_the_reply: { kind: "truncate" },
      endless_reply: { kind: "endless" },
      gone: { kind: "refuse" },
    } as const;
    return {
      provider: create(configured),
      arrived: () =>
        vendor.messages().map((mail) => ({
          to: mail.to[0]?.email ?? "",
          subject: mail.subject,
          html: mail.html,
          text: mail.text,
          headers: mail.headers,
          notificationId: mail.customArguments.notificationId ?? "",
          attachments: mail.attachments.map(({ fileName, contentBase64 }) => ({
            fileName,
            contentBase64,
          })),
        })),
      trouble: (kind) => vendor.setFault(kind && faults[kind]),
      receipt: (kind) =>
        captureWebhook(async (url) => {
          const id = vendor.messages().at(-1)?.id ?? "";
          await postJson(`${vendor.url}/dev/webhook`, { url });
          await postJson(`${vendor.url}/mails/${id}/events`, { event: kind });
        }),
      stop: vendor.stop,
    };
  },
};

async function postJson(url: string, body: object) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  await response.body?.cancel();
}

for (const vendor of [sendgrid]) testMailProvider(vendor);
