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
  /** For a job that is only woken: how many rows of work there are to be done. */
  units?: number;
}

/** The request that a job goes back to, through however many other jobs. */
export interface JobOrigin {
  requestId: string | null;
  /** As the caller sent it. */
  traceparent: string | null;
}

/** A message for QStash, of one outbox row or several. */
export interface JobMessage extends Partial<JobOrigin> {
  job: string;
  key: string;
  version: number;
  payload: Record<string, unknown>;
  notBeforeMs: number | null;
  /** How often it was published before and never heard of. */
  round: number;
}

/** An outbox row as it is published. */
export interface OutboxMessage extends JobMessage {
  id: string;
  units: number;
  /** How often it was taken to be published, in this round. */
  attempts: number;
}

/** A message of which nothing is heard any more. */
export interface LostMessage extends RunName {
  payload: Record<string, unknown>;
  round: number;
}

/** What tells one piece of work from another. */
export interface RunName {
  job: string;
  key: string;
  version: number;
}

/** One delivery of a message at the job door. */
export interface Delivery extends RunName {
  messageId: string;
  /** 0 at the first try. */
  retried: number;
  /** Nobody delivers it again where this try fails, and nobody reports that either. */
  last: boolean;
}

/** How far a long run is. */
export interface JobProgress {
  done: number;
  /** Null where it is not known beforehand. */
  total: number | null;
}

/** Tells how far a run is: stored and shown live, as often as makes sense to whoever looks. */
export type TellProgress = (done: number, total?: number) => void;

/** How QStash should treat the messages of a job. */
export interface JobPolicy {
  retries: number;
  timeLimitSeconds: number;
  flowControl?: FlowControl;
  /**
   * Set where messages only wake the job, which then claims rows: a wake-up for so many rows, and never more than `max`
   * at once. What many transactions ask for becomes as few messages.
   */
  slots?: { rows: number; max: number };
}

/** What QStash holds back: so many at once, and so many in each period. */
export interface FlowControl {
  key: string;
  parallelism?: number;
  rate?: number;
  periodSeconds?: number;
}

/** When a job is due by the clock, and what becomes of moments at which nobody could start it. */
export type JobSchedule = Timing & { catchUp?: CatchUp };

/** Every so many seconds, counted from the epoch plus an offset; or by the five fields of cron in a time zone. */
export type Timing =
  | { everySeconds: number; offsetSeconds?: number }
  | { cron: string; timeZone: string };

/**
 * What is made up for after a pause. `latest` (the default): the last moment that was missed, once. `each`: all of them,
 * a thousand at most. `skip`: none, since by then it would be of no use.
 */
export type CatchUp = "latest" | "each" | "skip";

/** QStash's id of a message. Nothing will be heard of one that is `over`: it was a wake-up, perhaps merged with others. */
export interface Taken {
  messageId: string;
  over: boolean;
}

export interface Queue {
  /** Hands messages to QStash; the answer says of each what became of it, null where it was not taken. */
  publish(messages: OutboxMessage[]): Promise<(Taken | null)[]>;
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

/** A message that was given up. */
export interface DeadLetter {
  id: string;
  job: string;
  key: string;
  /** Which run it was: the same job and key at another version is other work. */
  runVersion: number;
  payload: Record<string, unknown>;
  /** What the last try answered. */
  reason: string;
  status: number | null;
  attempts: number;
  /** `settled` where whoever waited for its work was told at once. */
  state: "waiting" | "replayed" | "settled";
  createdAt: string;
  replayedAt: string | null;
  /** The run that it was replayed as; `waiting` before it has begun. */
  replay: { version: number; state: string } | null;
}

/** Which dead letters somebody means. All that is given has to fit. */
export interface DeadLetterFilter {
  job?: string;
  key?: string;
  state?: DeadLetter["state"];
  status?: number;
  /** Instants. */
  from?: string;
  before?: string;
  /** Text in the reason. */
  reason?: string;
}

export interface ReplaySummary {
  replayed: number;
  /** How many that fit still wait. */
  waiting: number;
}
