import { secondMs } from "../../lib/time.ts";
import type { Broker } from "./broker.ts";
import { callerIp } from "./filters.ts";
import { answerForForeignHost } from "./foreign_hosts.ts";
import type { Message, Outcome } from "./message.ts";

/** Makes one request for a message. Never rejects: a host that does not answer is an outcome too. */
export async function deliver(broker: Broker, message: Message): Promise<Outcome> {
  message.attempts++;
  message.state = "ACTIVE";
  broker.events.record(message, "ACTIVE");
  const request = new AbortController();
  const timer = setTimeout(() => request.abort(timeoutError(message)), message.options.timeoutMs);
  broker.requestsOut.add(request);
  try {
    const response = await send(broker, message, request.signal);
    const whole = new Uint8Array(await response.arrayBuffer());
    // Answers are kept up to the largest message; what is longer is cut, as callbacks may cut it.
    const body = whole.subarray(0, broker.plan.bodyBytesMax);
    return { status: response.status, headers: response.headers, body };
  } catch (error) {
    return { headers: new Headers(), body: new Uint8Array(), error: reasonOf(error) };
  } finally {
    clearTimeout(timer);
    broker.requestsOut.delete(request);
  }
}

/** Redirects are not followed, so that an answer of 3xx is a failure. */
async function send(broker: Broker, message: Message, signal: AbortSignal): Promise<Response> {
  const { method } = message.options;
  // The platform's fetch refuses a GET with a body; what is signed is what is sent.
  const body = method === "GET" ? new Uint8Array() : message.request.body;
  const headers = deliveryHeaders(broker, message, body);
  const foreign = broker.answersForeignHosts
    ? await answerForForeignHost(new URL(message.url), signal)
    : undefined;
  if (foreign !== undefined) return foreign;
  const sent = method === "GET" ? undefined : body;
  return await fetch(message.url, { method, headers, body: sent, signal, redirect: "manual" });
}

function deliveryHeaders(broker: Broker, message: Message, body: Uint8Array): Headers {
  const headers = new Headers(message.headers);
  headers.set("user-agent", "Upstash-QStash");
  headers.set("upstash-signature", broker.keys.sign(message.url, body, broker.now()));
  headers.set("upstash-message-id", message.id);
  headers.set("upstash-retried", String(message.retried));
  headers.set("upstash-caller-ip", callerIp);
  headers.set("upstash-region", "eu-central-1");
  if (message.topicName !== undefined) headers.set("upstash-topic-name", message.topicName);
  const { scheduleId } = message.request;
  if (scheduleId !== undefined) headers.set("upstash-schedule-id", scheduleId);
  return headers;
}

function timeoutError(message: Message): Error {
  return new Error(`no answer within ${message.options.timeoutMs / secondMs} s`);
}

/** The innermost cause says what happened; what stands around it says only that a fetch failed. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}
