import type { Settings } from "../../../config.ts";
import type { Fetch } from "../../../lib/http_client.ts";
import type { Clock } from "../../../lib/time.ts";
import type { MailProvider } from "../ports.ts";
import * as sendgrid from "./sendgrid/mod.ts";

/** The mail providers that are set up, in the order in which they are asked. One entry adds one. */
export function createMailProviders(
  settings: Settings,
  { fetch, now }: { fetch: Fetch; now: Clock },
): MailProvider[] {
  return [
    settings.sendgridApiKey && sendgrid.create(
      sendgrid.settings.parse({
        apiKey: settings.sendgridApiKey,
        baseUrl: settings.sendgridUrl,
        webhookPublicKey: settings.sendgridWebhookKey,
      }),
      fetch,
      now,
    ),
  ].filter((provider) => provider !== undefined);
}
