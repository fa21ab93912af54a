import { type Fetch, type OutsideAnswer, requestOutside } from "../../../../lib/http_client.ts";
import type { SendOptions } from "../../ports.ts";
import type { MailSend } from "./map.ts";
import type { Settings } from "./mod.ts";

const answerLimitBytes = 64 * 1024;

/** POST /v3/mail/send: 202 with an empty body and `X-Message-Id`. Throws OutsideFailure. */
export function postMail(
  { apiKey, baseUrl, deadlineMs }: Settings,
  fetcher: Fetch,
  mail: MailSend,
  { signal, trace }: Pick<SendOptions, "signal" | "trace">,
): Promise<OutsideAnswer> {
  return requestOutside(fetcher, {
    vendor: "sendgrid",
    url: new URL("/v3/mail/send", baseUrl),
    method: "POST",
    headers: {
      "authorization": `Bearer ${apiKey.reveal()}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(mail),
    deadlineMs,
    bodyLimitBytes: answerLimitBytes,
    signal,
    trace,
  });
}
