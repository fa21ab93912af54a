/**
 * A stand-in for QStash on this machine: the genuine SDK works against it unchanged. Written from
 * Upstash's public documentation. It keeps everything in memory.
 */
import { createApi } from "./api.ts";
import { type Broker, createBroker } from "./broker.ts";
import type { FaultKind, Faults } from "./faults.ts";
import { randomText } from "./ids.ts";
import type { Message, State } from "./message.ts";
import { type Plan, type PlanName, plans } from "./plans.ts";
import { fireSchedule } from "./schedules.ts";

export type { FaultSubject } from "./fault_subjects.ts";
export type { Fault, FaultKind, Faults } from "./faults.ts";
export type { Plan, PlanName } from "./plans.ts";

export interface QStashOptions {
  /** A free port where none is given. */
  port?: number;
  token?: string;
  /** May read and not write, as the console hands one out. */
  readOnlyToken?: string;
  currentSigningKey?: string;
  nextSigningKey?: string;
  /** Takes a line for people: failed attempts, dead letters. */
  report?: (line: string) => void;
  /** A test's own clock; `wake()` looks at it again. */
  now?: () => number;
  /** Whose limits hold; `pay-as-you-go` unless given. */
  plan?: PlanName;
  /** Limits in place of the plan's. */
  limits?: Partial<Plan>;
  /** Requests that may be out at once; what the plan allows unless given. */
  parallelism?: number;
  /** Answers in place of hosts outside this machine, for test suites that publish to public ones. */
  answerForeignHosts?: boolean;
}

export interface RunningQStash {
  readonly url: string;
  readonly token: string;
  readonly readOnlyToken: string;
  /** Follow a rotation, as `GET /v2/keys` does. */
  readonly currentSigningKey: string;
  readonly nextSigningKey: string;
  /** How long the start took. */
  readonly elapsedMs: number;
  /**
   * Resolves when no request is out and none is due. Messages for a later time, those of a paused queue
   * and those that wait for a rate's next period do not count; what a fault keeps back does.
   */
  idle(): Promise<void>;
  /** Messages that are not over. */
  pending(): number;
  /** The latest thousand that are over, then those that are not. */
  messages(): MessageView[];
  deadLetters(): DeadLetterView[];
  /** Replaces all faults and begins to count anew. Also POST /dev/fault, and the buttons of the page. */
  setFaults(faults: Faults): void;
  /** How often each kind of fault hit since they were set. */
  faultHits(): Record<FaultKind, number>;
  /** Publishes a schedule's message now, paused or not; returns the messages' ids. */
  fireSchedule(id: string): string[];
  /** Starts what has come due by the clock that was given as `now`. */
  wake(): void;
  /** Ends every request that is out, forgets everything and leaves no timer. */
  stop(): Promise<void>;
}

/** A message as tests look at it. */
export interface MessageView {
  messageId: string;
  url: string;
  method: string;
  state: State;
  /** As UTF-8 text. */
  body: string;
  labels: string[];
  queueName?: string;
  scheduleId?: string;
  flowControlKey?: string;
  /** Requests sent. */
  attempts: number;
  retried: number;
  maxRetries: number;
  lastStatus?: number;
  lastError?: string;
  createdMs: number;
  /** Where it waits for its time. */
  nextAttemptMs?: number;
  finishedMs?: number;
  /** By a fault, never to be delivered; it stays CREATED. */
  isLost: boolean;
}

export interface DeadLetterView extends MessageView {
  dlqId: string;
}

/** Starts the stand-in on 127.0.0.1. Token and signing keys are random unless given. Rejects where the port is taken. */
export function startQStash(options: QStashOptions = {}): Promise<RunningQStash> {
  return Promise.try(() => start(options));
}

function start(options: QStashOptions): RunningQStash {
  const startedMs = performance.now();
  const plan = { ...plans[options.plan ?? "pay-as-you-go"], ...options.limits };
  const broker = createBroker({
    plan,
    now: options.now ?? Date.now,
    report: options.report ?? (() => {}),
    currentSigningKey: options.currentSigningKey,
    nextSigningKey: options.nextSigningKey,
    parallelism: options.parallelism ?? plan.parallelism,
    answersForeignHosts: options.answerForeignHosts ?? false,
  });
  const { token = randomText(40), readOnlyToken = randomText(40) } = options;
  const api = createApi(broker, { token, readOnlyToken });
  const { port = 0 } = options;
  const server = Deno.serve({ hostname: "127.0.0.1", port, onListen() {} }, api.fetch);
  const url = `http://127.0.0.1:${server.addr.port}`;
  const elapsedMs = performance.now() - startedMs;
  return handleOf(broker, server, { url, token, readOnlyToken, elapsedMs });
}

function handleOf(
  broker: Broker,
  server: Deno.HttpServer,
  facts: Pick<RunningQStash, "url" | "token" | "readOnlyToken" | "elapsedMs">,
): RunningQStash {
  return {
    ...facts,
    get currentSigningKey() {
      return broker.keys.current;
    },
    get nextSigningKey() {
      return broker.keys.next;
    },
    idle: () => broker.dispatch.idle(),
    pending: () => broker.messages.liveCount(),
    messages: () => broker.messages.all().map(viewOf),
    deadLetters: () =>
      broker.deadLetters.all().map(({ id, message }) => ({ dlqId: id, ...viewOf(message) })),
    setFaults: (faults) => broker.faults.set(faults),
    faultHits: () => broker.faults.hitCounts(),
    fireSchedule: (id) => fireSchedule(broker, id),
    wake: () => broker.timeline.runDue(),
    async stop() {
      await broker.stop();
      await server.shutdown();
    },
  };
}

function viewOf(message: Message): MessageView {
  const { request, options, last, dueMs, finishedMs } = message;
  const isLive = finishedMs === undefined;
  const isWaiting = isLive && (message.state === "CREATED" || message.state === "RETRY");
  return {
    messageId: message.id,
    url: message.url,
    method: options.method,
    state: message.state,
    body: new TextDecoder().decode(request.body),
    labels: options.labels,
    queueName: request.queueName,
    scheduleId: request.scheduleId,
    flowControlKey: options.flow?.key,
    attempts: message.attempts,
    retried: message.retried,
    maxRetries: options.maxRetries,
    lastStatus: last?.status,
    lastError: last?.error,
    createdMs: message.createdMs,
    nextAttemptMs: isWaiting ? dueMs : undefined,
    finishedMs,
    isLost: message.isLost ?? false,
  };
}
