import { secondMs } from "../../lib/time.ts";
import type { Broker } from "./broker.ts";
import { sendCallback, sendFailureCallback } from "./callbacks.ts";
import { isDelivered, isHopeless, type Message, type Outcome } from "./message.ts";
import { retryDelayMs } from "./retry_delay.ts";

/** Decides what becomes of a message after an attempt: it is over, it is tried again, or it is given up. */
export function settle(broker: Broker, message: Message, outcome: Outcome) {
  message.last = outcome;
  if (isDelivered(outcome)) {
    sendCallback(broker, message, outcome);
    return finish(broker, message, "DELIVERED");
  }
  message.state = "ERROR";
  broker.events.record(message, "ERROR", { outcome });
  sendCallback(broker, message, outcome);
  const retriesLeft = message.options.maxRetries - message.retried;
  if (retriesLeft <= 0 || isHopeless(outcome)) return giveUp(broker, message, outcome);
  if (message.cancelRequested) return finish(broker, message, "CANCELLED");
  retryLater(broker, message, outcome);
}

/** Cancels a message: at once where it waits; where its request is out, instead of the next retry, if one is left. */
export function cancel(broker: Broker, message: Message) {
  if (message.cancelRequested || message.finishedMs !== undefined) return;
  message.cancelRequested = true;
  broker.events.record(message, "CANCEL_REQUESTED");
  if (broker.dispatch.remove(message)) finish(broker, message, "CANCELLED");
}

/** Forgets a message as a fault wants it: nobody is told, and what stands behind it in a queue goes on. */
export function lose(broker: Broker, message: Message) {
  message.isLost = true;
  endOf(broker, message);
}

function retryLater(broker: Broker, message: Message, outcome: Outcome) {
  const delayMs = retryDelayMs({
    retried: message.retried,
    expression: message.options.retryDelay?.delayMs,
    headers: outcome.headers,
    nowMs: broker.now(),
  });
  message.retried++;
  message.state = "RETRY";
  message.dueMs = broker.now() + delayMs;
  broker.events.record(message, "RETRY", { nextDeliveryMs: message.dueMs });
  const retry = `retry ${message.retried} of ${message.options.maxRetries}`;
  const delaySeconds = (delayMs / secondMs).toFixed(1);
  broker.report(`${describe(message, outcome)}; ${retry} in ${delaySeconds} s`);
  broker.dispatch.takeOn(message);
}

function giveUp(broker: Broker, message: Message, outcome: Outcome) {
  const letter = broker.deadLetters.add(message, outcome);
  broker.report(`${describe(message, outcome)}; given up, dead letter ${letter.id}`);
  sendFailureCallback(broker, letter);
  finish(broker, message, "FAILED");
}

function finish(broker: Broker, message: Message, state: "DELIVERED" | "FAILED" | "CANCELLED") {
  message.state = state;
  broker.events.record(message, state);
  endOf(broker, message);
}

function endOf(broker: Broker, message: Message) {
  broker.messages.finish(message);
  leaveQueue(broker, message);
  const { parent } = message.request;
  if (parent === undefined) return;
  parent.openCallbacks--;
  leaveQueue(broker, parent);
}

/** A queue goes on when a message is over and its callbacks are too. */
function leaveQueue(broker: Broker, message: Message) {
  const isOver = message.finishedMs !== undefined && message.openCallbacks === 0;
  if (isOver) broker.queues.leave(message);
}

function describe(message: Message, { status, error }: Outcome): string {
  const answer = status === undefined ? `failed (${error})` : `answered ${status}`;
  return `${message.options.method} ${message.url} ${answer}`;
}
