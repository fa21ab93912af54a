import type { Broker } from "./broker.ts";
import { contentKey } from "./deduplication.ts";
import { forwardedHeaders } from "./headers.ts";
import { randomText } from "./ids.ts";
import type { Message, PublishRequest } from "./message.ts";
import { isHttpUrl, type Options, readOptions } from "./options.ts";
import { Refusal } from "./refusal.ts";
import type { UrlGroup } from "./url_groups.ts";

/** What a publish answers for one message. */
export interface Published {
  messageId: string;
  /** True where an earlier message stands for this one, which is not delivered. */
  deduplicated?: true;
}

interface Target {
  url: string;
  topicName?: string;
  endpointName?: string;
}

/**
 * Accepts a message, or one for each endpoint of a URL group. Throws 413 for a body above the plan's bound,
 * 404 for a group that does not exist, 400 for options that cannot be read, 412 for a queue too many and
 * 429 where the day's messages are spent.
 */
export function publish(
  broker: Broker,
  given: PublishRequest,
): Published | Array<Published & { url: string }> {
  const { bodyBytesMax } = broker.plan;
  // A callback carries two bodies in base64, and may be longer than what people publish.
  if (given.body.byteLength > bodyBytesMax && given.parent === undefined) {
    throw new Refusal(413, `message is larger than ${bodyBytesMax} bytes`);
  }
  const group = isHttpUrl(given.destination) ? undefined : groupOf(broker, given.destination);
  const request = group === undefined ? given : withDefaults(given, group.headers);
  const options = readOptions(request.headers, broker.now(), broker.plan);
  if (request.queueName !== undefined) broker.queues.ensure(request.queueName);
  if (group === undefined) {
    return publishTo(broker, request, options, { url: request.destination });
  }
  broker.quota.requireMessages(group.endpoints.length);
  return targetsOf(group).map((target) => ({
    ...publishTo(broker, request, options, target),
    url: target.url,
  }));
}

/** The ids of the messages that a publish made or stands for. */
export function messageIdsOf(published: Published | Published[]): string[] {
  return [published].flat().map(({ messageId }) => messageId);
}

function groupOf(broker: Broker, destination: string): UrlGroup {
  if (/[:/]/.test(destination)) {
    throw new Refusal(400, `invalid destination url: ${destination}`);
  }
  return broker.groups.get(destination);
}

function withDefaults(request: PublishRequest, defaults: Record<string, string>): PublishRequest {
  const headers = new Headers(defaults);
  for (const [name, value] of request.headers) headers.set(name, value);
  return { ...request, headers };
}

function targetsOf({ name, endpoints }: UrlGroup): Target[] {
  return endpoints.map(({ url, name: endpointName }) => ({ url, topicName: name, endpointName }));
}

function publishTo(
  broker: Broker,
  request: PublishRequest,
  options: Options,
  target: Target,
): Published {
  const key = deduplicationKey(request, options, target);
  const earlierId = key === undefined ? undefined : broker.deduplication.find(key);
  if (earlierId !== undefined) return { messageId: earlierId, deduplicated: true };
  broker.quota.requireMessages(1);
  broker.quota.takeMessage();
  const message = createMessage(broker, request, options, target);
  if (key !== undefined) broker.deduplication.remember(key, message.id);
  broker.messages.add(message);
  broker.events.record(message, "CREATED");
  if (options.flow !== undefined) broker.flows.configure(options.flow);
  broker.dispatch.add(message);
  return { messageId: message.id };
}

/** In a group each endpoint has its own message, and so its own key. */
function deduplicationKey(
  { destination, headers, body }: PublishRequest,
  { deduplicationId, contentBasedDeduplication }: Options,
  { topicName, url }: Target,
): string | undefined {
  const key = contentBasedDeduplication
    ? contentKey(destination, forwardedHeaders(headers), body)
    : deduplicationId;
  return key === undefined || topicName === undefined ? key : `${key} ${url}`;
}

function createMessage(
  broker: Broker,
  request: PublishRequest,
  options: Options,
  target: Target,
): Message {
  return {
    id: `msg_${randomText(26)}`,
    request,
    options,
    ...target,
    headers: forwardedHeaders(request.headers),
    createdMs: broker.now(),
    state: "CREATED",
    dueMs: options.notBeforeMs,
    attempts: 0,
    retried: 0,
    openCallbacks: 0,
    cancelRequested: false,
  };
}
