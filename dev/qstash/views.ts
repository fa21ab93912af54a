import { secondMs } from "../../lib/time.ts";
import type { Broker } from "./broker.ts";
import type { DeadLetter } from "./dead_letters.ts";
import type { Event } from "./events.ts";
import { callerIp } from "./filters.ts";
import type { FlowLimits } from "./flow_limits.ts";
import { forwardedHeaders, headerLists } from "./headers.ts";
import type { Message, State } from "./message.ts";
import { type CallbackOptions, type Options, readOptions } from "./options.ts";
import { redacted, redactHeader } from "./redact.ts";
import type { Schedule } from "./schedules.ts";

/** A message as the API shows it. */
export function viewMessage(message: Message) {
  const { request, options } = message;
  return {
    messageId: message.id,
    url: message.url,
    topicName: message.topicName,
    endpointName: message.endpointName,
    header: viewHeaders(message.headers, options),
    ...viewBody(request.body, options),
    ...viewOptions(options),
    maxRetries: options.maxRetries,
    notBefore: options.notBeforeMs,
    createdAt: message.createdMs,
    queueName: request.queueName,
    scheduleId: request.scheduleId,
    callerIP: callerIp,
  };
}

export function viewDeadLetter({ id, message, outcome }: DeadLetter) {
  const answer = textOrBase64(outcome.body);
  return {
    ...viewMessage(message),
    dlqId: id,
    responseStatus: outcome.status,
    responseHeader: headerLists(outcome.headers),
    responseBody: answer.body,
    responseBodyBase64: answer.bodyBase64,
  };
}

/** An event as `GET /v2/events` and `/v2/logs` show it: there every body is base64. */
export function viewEvent({ timeMs, state, message, nextDeliveryMs, outcome }: Event) {
  const { request, options } = message;
  return {
    time: timeMs,
    state,
    messageId: message.id,
    url: message.url,
    topicName: message.topicName,
    endpointName: message.endpointName,
    header: viewHeaders(message.headers, options),
    body: options.redaction.body ? redacted(request.body) : request.body.toBase64(),
    nextDeliveryTime: nextDeliveryMs,
    error: outcome?.error,
    responseStatus: outcome?.status,
    responseHeaders: outcome && headerLists(outcome.headers),
    responseBody: outcome?.body.toBase64(),
    scheduleId: request.scheduleId,
    queueName: request.queueName,
    timeout: options.timeoutMs,
    maxRetries: options.maxRetries,
    callbackHeaders: callbackHeaders(options.callback),
    failureCallbackHeaders: callbackHeaders(options.failureCallback),
    ...viewOptions(options),
  };
}

function callbackHeaders(callback: CallbackOptions | undefined) {
  return callback && headerLists(forwardedHeaders(callback.headers));
}

export function viewSchedule(broker: Broker, schedule: Schedule) {
  const { request } = schedule;
  const options = readOptions(request.headers, 0, broker.plan);
  const states = schedule.lastMessageIds.map((
    id,
  ) => [id, runState(broker.messages.find(id)?.state)]);
  return {
    scheduleId: schedule.id,
    cron: schedule.cron.text,
    destination: request.destination,
    createdAt: schedule.createdMs,
    header: viewHeaders(forwardedHeaders(request.headers), options),
    ...viewBody(request.body, options),
    ...viewOptions(options),
    retries: options.maxRetries,
    delay: options.notBeforeMs === 0 ? undefined : options.notBeforeMs / secondMs,
    queueName: request.queueName,
    callerIp,
    isPaused: schedule.isPaused,
    lastScheduleTime: schedule.lastMs,
    nextScheduleTime: broker.timeline.dueOf(schedule),
    lastScheduleStates: states.length === 0 ? undefined : Object.fromEntries(states),
  };
}

function viewOptions(options: Options) {
  return {
    method: options.method,
    callback: options.callback?.url,
    failureCallback: options.failureCallback?.url,
    retryDelayExpression: options.retryDelay?.text,
    label: options.labels[0],
    labels: options.labels.length === 0 ? undefined : options.labels,
    ...viewLimits(options.flow),
  };
}

function viewLimits(limits: FlowLimits | undefined) {
  if (limits === undefined) return {};
  const { key, parallelism, rate, periodMs } = limits;
  return { flowControlKey: key, parallelism, rate, period: periodMs / secondMs };
}

function viewHeaders(headers: Headers, { redaction }: Options): Record<string, string[]> {
  return headerLists(headers, (name, value) => redactHeader(redaction, name, value));
}

function viewBody(body: Uint8Array, { redaction }: Options) {
  return redaction.body ? { body: redacted(body) } : textOrBase64(body);
}

/** Text where the bytes are UTF-8, base64 where they are not, nothing where there are none. */
function textOrBase64(bytes: Uint8Array): { body?: string; bodyBase64?: string } {
  if (bytes.byteLength === 0) return {};
  try {
    return { body: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { bodyBase64: bytes.toBase64() };
  }
}

/** A message that was forgotten was over long ago, and most likely delivered. */
function runState(state: State | undefined): "IN_PROGRESS" | "SUCCESS" | "FAIL" {
  if (state === undefined || state === "DELIVERED") return "SUCCESS";
  return state === "FAILED" || state === "CANCELLED" ? "FAIL" : "IN_PROGRESS";
}
