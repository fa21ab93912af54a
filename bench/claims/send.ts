/** How many mails a second one slot sends, and how many somebody who only posts them. */
import type postgres from "postgres";
import { readConfig } from "../../config.ts";
import { type Deps, openDeps } from "../../deps.ts";
import { createLog } from "../../lib/log.ts";
import { asSystem } from "../../services/ctx.ts";
import { dispatchNotifications } from "../../services/notifications/mod.ts";
import { notifications } from "./backlog.ts";

const mailCount = 1_500;
const postsAtOnce = 50;

/** The product with the vendor at `url`, and wake-up calls that stay in the outbox. */
export function openSender(given: Record<string, string>): Deps {
  const log = createLog({ level: "error", format: "text", now: Date.now });
  return openDeps(readConfig((name) => given[name]), { log });
}

/** Claims, sends and settles what waits until nothing is left. Throws where a mail was not sent, or not at the first try. */
export async function sendBacklog(deps: Deps, owner: postgres.Sql): Promise<number> {
  await owner`truncate change_counters cascade`;
  await notifications.fill(owner, mailCount);
  const ctx = asSystem(deps.context("bench", { address: "", userAgent: "" }), "bench");
  const startedMs = performance.now();
  const tried = await dispatchNotifications({ ...ctx, queue: { ...ctx.queue, nudge() {} } });
  const seconds = (performance.now() - startedMs) / 1_000;
  const [row] = await owner<{ sent: number }[]>`
    select count(*)::int as sent from notifications where status = 'sent' and attempts = 1`;
  if (tried !== mailCount || row?.sent !== mailCount) {
    throw new Error(`${tried} of ${mailCount} mails were tried, and ${row?.sent} were sent`);
  }
  return mailCount / seconds;
}

/** B1: as many posts of a mail as long, and nothing that would know of them afterwards. */
export async function postMails(url: string, apiKey: string, body: string): Promise<number> {
  let left = mailCount;
  const headers = { "authorization": `Bearer ${apiKey}`, "content-type": "application/json" };
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: postsAtOnce }, async () => {
    while (left-- > 0) {
      const answer = await fetch(`${url}/v3/mail/send`, { method: "POST", headers, body });
      await answer.body?.cancel();
      if (answer.status !== 202) throw new Error(`the vendor answered ${answer.status}`);
    }
  }));
  return mailCount / ((performance.now() - startedMs) / 1_000);
}

/** As long as an alert by mail is. */
export const sampleMail = JSON.stringify({
  personalizations: [{
    to: [{ email: "bench@example.com" }],
    custom_args: { notificationId: "1" },
  }],
  from: { email: "hello@example.com", name: "Almanac" },
  subject: "AAPL rose to 203.10 USD",
  content: [
    { type: "text/plain", value: "You asked to be told. ".repeat(30) },
    { type: "text/html", value: "<p>You asked to be told.</p>".repeat(100) },
  ],
});
