import type { Broker } from "./broker.ts";
import type { DeadLetter } from "./dead_letters.ts";
import { callerIp } from "./filters.ts";
import { headerLists } from "./headers.ts";
import type { Message, Outcome } from "./message.ts";
import type { CallbackOptions } from "./options.ts";
import { publish } from "./publish.ts";
import { Refusal } from "./refusal.ts";

/** Tells the callback what an attempt came to; QStash does so after every one. */
export function sendCallback(broker: Broker, message: Message, outcome: Outcome) {
  const { callback } = message.options;
  if (callback !== undefined) send(broker, message, callback, bodyOf(message, outcome));
}

/** Tells the failure callback that a message was given up, and under which id it lies in the DLQ. */
export function sendFailureCallback(broker: Broker, { id, message, outcome }: DeadLetter) {
  const { failureCallback } = message.options;
  const body = { ...bodyOf(message, outcome), dlqId: id };
  if (failureCallback !== undefined) send(broker, message, failureCallback, body);
}

function send(broker: Broker, parent: Message, { url, headers }: CallbackOptions, body: unknown) {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  try {
    const published = publish(broker, { destination: url, headers, body: bytes, parent });
    const isNew = !Array.isArray(published) && published.deduplicated === undefined;
    if (isNew) parent.openCallbacks++;
  } catch (error) {
    // It is a message of its own, and the day's messages may be spent.
    if (!(error instanceof Refusal)) throw error;
    broker.report(`callback of ${parent.id} to ${url}: ${error.message}`);
  }
}

/** The documented body; moments are numbers, as the real one sends them. */
function bodyOf(message: Message, outcome: Outcome) {
  return {
    status: outcome.status ?? 0,
    header: headerLists(outcome.headers),
    body: (outcome.status === undefined ? new TextEncoder().encode(outcome.error) : outcome.body)
      .toBase64(),
    retried: message.retried,
    maxRetries: message.options.maxRetries,
    sourceMessageId: message.id,
    topicName: message.topicName,
    endpointName: message.endpointName,
    url: message.url,
    method: message.options.method,
    sourceHeader: headerLists(message.headers),
    sourceBody: message.request.body.toBase64(),
    notBefore: message.options.notBeforeMs,
    createdAt: message.createdMs,
    scheduleId: message.request.scheduleId,
    callerIP: callerIp,
  };
}
