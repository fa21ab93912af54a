import type { Message, PublishRequest } from "./message.ts";
import { readLabels } from "./options.ts";

/** What a fault can name a message by, before it is one and afterwards. */
export interface FaultSubject {
  /** The destination, or the name of a URL group. */
  url: string;
  labels: string[];
  /** As UTF-8 text. */
  readonly body: string;
  deduplicationId?: string;
  queueName?: string;
  scheduleId?: string;
  /** Where there is a message already. */
  messageId?: string;
  retried?: number;
}

export function subjectOfRequest({ destination, ...request }: PublishRequest): FaultSubject {
  return {
    url: destination,
    labels: readLabels(request.headers),
    deduplicationId: request.headers.get("upstash-deduplication-id") ?? undefined,
    queueName: request.queueName,
    get body() {
      return new TextDecoder().decode(request.body);
    },
  };
}

export function subjectOfMessage(message: Message): FaultSubject {
  const { id, url, request, options, retried } = message;
  return {
    messageId: id,
    url,
    retried,
    labels: options.labels,
    deduplicationId: options.deduplicationId,
    queueName: request.queueName,
    scheduleId: request.scheduleId,
    get body() {
      return new TextDecoder().decode(request.body);
    },
  };
}
