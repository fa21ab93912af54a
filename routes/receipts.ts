import { readBytes } from "../lib/read_bytes.ts";
import { takeReceipts } from "../services/notifications/mod.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";

export const receiptDocs: RouteDocs = {
  "POST /webhooks/sendgrid": {
    summary: "SendGrid's signed event webhook",
    about:
      "Answers once the events are stored; their effects run as a job. Seen before: nothing changes.",
    access: "public",
    limit: "signed",
    answers: { 200: "How many events were new" },
    problems: ["invalid_signature", "malformed_json", "body_too_large"],
    headers: ["X-Twilio-Email-Event-Webhook-Signature", "X-Twilio-Email-Event-Webhook-Timestamp"],
  },
};

const bodyMaxBytes = 1_000_000;

export const receiptRoutes = api()
  .post("/webhooks/sendgrid", async (c) => {
    const rawBody = await readBytes(c.req.raw, bodyMaxBytes);
    const taken = await takeReceipts(ctxOf(c), "sendgrid", c.req.raw.headers, rawBody);
    return c.json({ taken });
  });
