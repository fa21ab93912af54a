import type { Options } from "./options.ts";

export type State =
  | "CREATED"
  | "ACTIVE"
  | "RETRY"
  | "ERROR"
  | "DELIVERED"
  | "FAILED"
  | "CANCEL_REQUESTED"
  | "CANCELLED";

/** One publish as it was asked for, kept whole so that a dead letter can be published again. */
export interface PublishRequest {
  /** A URL, or the name of a URL group. */
  destination: string;
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
  queueName?: string;
  scheduleId?: string;
  /** The message whose callback this is. */
  parent?: Message;
}

/** What one attempt came to. Without a status nothing was answered, and `error` says why. */
export interface Outcome {
  status?: number;
  headers: Headers;
  body: Uint8Array;
  error?: string;
}

export interface Message {
  readonly id: string;
  readonly request: PublishRequest;
  readonly options: Options;
  readonly url: string;
  readonly topicName?: string;
  readonly endpointName?: string;
  /** What is forwarded to the destination, QStash's own headers left out. */
  readonly headers: Headers;
  readonly createdMs: number;
  state: State;
  /** When its next attempt is made at the earliest. */
  dueMs: number;
  /** Requests sent, those of a fault included. */
  attempts: number;
  /** Retries made, as `Upstash-Retried` counts them. */
  retried: number;
  /** Callbacks that are under way; a queue waits for them. */
  openCallbacks: number;
  cancelRequested: boolean;
  /** A fault keeps it from ever being delivered. */
  isLost?: true;
  last?: Outcome;
  finishedMs?: number;
}

export function isDelivered(outcome: Outcome): boolean {
  return outcome.status !== undefined && outcome.status >= 200 && outcome.status < 300;
}

/** True for the one answer that forbids retries: status 489 with `Upstash-NonRetryable-Error: true`. */
export function isHopeless(outcome: Outcome): boolean {
  return outcome.status === 489 && outcome.headers.get("upstash-nonretryable-error") === "true";
}
