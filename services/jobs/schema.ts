/** A piece of work to be done after the transaction that asked for it: a job by name, with ids, never data. */
export interface JobRequest {
  job: string;
  /** What the work is about: an id or a slug of `[A-Za-z0-9_-]`. */
  key: string;
  /** The same job and key at another version is other work. */
  version?: number;
  payload?: Record<string, unknown>;
  /** Not before this moment, in milliseconds since the epoch. */
  notBeforeMs?: number;
}

/** The request that a job goes back to, through however many other jobs. */
export interface JobOrigin {
  requestId: string | null;
  /** As the caller sent it. */
  traceparent: string | null;
}

/** An outbox row on its way to QStash. */
export interface JobMessage extends Partial<JobOrigin> {
  id: string;
  job: string;
  key: string;
  version: number;
  payload: Record<string, unknown>;
  notBeforeMs: number | null;
}

/** One delivery of a message at the job door. */
export interface Delivery {
  job: string;
  key: string;
  version: number;
  messageId: string;
  /** 0 at the first try. */
  retried: number;
}

/** How QStash should treat the messages of a job. */
export interface JobPolicy {
  retries: number;
  timeLimitSeconds: number;
  flowControl?: { key: string; parallelism: number };
}

/** When a job is due by the clock: every so many seconds, counted from the epoch plus an offset. */
export interface JobSchedule {
  everySeconds: number;
  offsetSeconds?: number;
}

export interface Queue {
  /** Hands messages to QStash; the answer holds the QStash id of each, or null where it was not taken. */
  publish(messages: JobMessage[]): Promise<(string | null)[]>;
  /** Asks QStash whether it is there and knows us; publishes nothing. Throws where it is not. */
  reach(): Promise<void>;
  /** Publishes soon what the outbox holds; returns at once. */
  nudge(): void;
}

/** A request that may be sent again: whose it is, what for, under which key, and a digest of what was sent with it. */
export interface KeyedRequest {
  userId: string;
  /** The method and the address as they were asked. */
  route: string;
  key: string;
  /** SHA-256. */
  fingerprint: Uint8Array;
}

/** An answer as it was given, to be given again. */
export interface KeptAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}
