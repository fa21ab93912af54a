import * as z from "zod";
import { type Fetch, OutsideFailure } from "../../../../lib/http_client.ts";
import { Secret } from "../../../../lib/secret.ts";
import { type Clock, minuteMs, systemClock } from "../../../../lib/time.ts";
import type { MailProvider } from "../../ports.ts";
import { postMail } from "./client.ts";
import { toMailSend, toOutcome, toOutcomeWithoutAnswer } from "./map.ts";
import { createReceiptReader } from "./receipts.ts";

export const name = "sendgrid";

export const settings = z.object({
  apiKey: z.union([z.instanceof(Secret), z.string().min(1).transform((key) => new Secret(key))]),
  baseUrl: z.url().default("https://api.sendgrid.com"),
  deadlineMs: z.int().positive().max(minuteMs).default(10_000),
  /** "Verification key" of the signed event webhook: base64 SPKI. Without it there are no receipts. */
  webhookPublicKey: z.base64().min(1).optional(),
  /**
   * Refuses receipts signed longer ago (or further ahead) than this; 300,000 is usual. Off by default: SendGrid repeats
   * a receipt for a day, and the unique event id already makes a replayed one harmless.
   */
  receiptAgeMaxMs: z.int().positive().optional(),
});

export type Settings = z.output<typeof settings>;

/** SendGrid's Mail Send API v3. It takes no idempotency key, so that an unknown outcome may mean a second mail later. */
export function create(
  settings: Settings,
  fetcher: Fetch = fetch,
  now: Clock = systemClock,
): MailProvider {
  const { webhookPublicKey, receiptAgeMaxMs: ageMaxMs } = settings;
  return {
    name,
    async send(message, options) {
      try {
        const answer = await postMail(settings, fetcher, toMailSend(message), options);
        return toOutcome(answer, now());
      } catch (error) {
        if (!(error instanceof OutsideFailure)) throw error;
        return toOutcomeWithoutAnswer(error);
      }
    },
    ...(webhookPublicKey === undefined
      ? {}
      : { receipts: createReceiptReader({ publicKey: webhookPublicKey, ageMaxMs }) }),
  };
}
