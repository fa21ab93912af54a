import type { Signer } from "./sign.ts";

const deadlineMs = 10_000;

/** What the receiver said; `error` where it did not answer. */
export interface WebhookAnswer {
  status?: number;
  error?: string;
}

export interface Webhook {
  url: string | undefined;
  send(targetUrl: string, events: object[]): Promise<WebhookAnswer>;
}

interface WebhookOptions {
  signer: Signer;
  url?: string;
  report: (line: string) => void;
}

export function createWebhook({ signer, url, report }: WebhookOptions): Webhook {
  return {
    url,
    async send(targetUrl, events) {
      const answer = await post(signer, targetUrl, events);
      report(`${events.length} receipts to ${targetUrl}: ${answer.status ?? answer.error}`);
      return answer;
    },
  };
}

async function post(signer: Signer, url: string, events: object[]): Promise<WebhookAnswer> {
  // The line break at the end is SendGrid's, and part of what is signed.
  const body = `${JSON.stringify(events)}\r\n`;
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), deadlineMs);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json;charset=utf-8",
        "user-agent": "SendGrid Event API",
        "x-twilio-email-event-webhook-signature": await signer.sign(timestamp, body),
        "x-twilio-email-event-webhook-timestamp": timestamp,
      },
      body,
      redirect: "manual",
      signal: giveUp.signal,
    });
    await response.body?.cancel();
    return { status: response.status };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
