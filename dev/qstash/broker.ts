import { createDeadLetters, type DeadLetters } from "./dead_letters.ts";
import { createDeduplication, type Deduplication } from "./deduplication.ts";
import { deliver } from "./deliver.ts";
import { Dispatch } from "./dispatch.ts";
import { createEventLog, type EventLog } from "./events.ts";
import { createFaultBox, type FaultBox } from "./faults.ts";
import { FlowControl } from "./flow_control.ts";
import { createHangUp, type HangUp } from "./hang_up.ts";
import type { Plan } from "./plans.ts";
import { createQuota, type Quota } from "./quota.ts";
import { createMessageBook, type MessageBook } from "./message_book.ts";
import { Queues } from "./queues.ts";
import type { ScheduleMap } from "./schedules.ts";
import { lose, settle } from "./settle.ts";
import { createSigningKeys, type SigningKeys } from "./sign.ts";
import { createTimeline, type Timeline } from "./timeline.ts";
import { createUrlGroups, type UrlGroups } from "./url_groups.ts";

/** All that the stand-in knows and does; everything lives in memory. */
export interface Broker {
  readonly now: () => number;
  readonly report: (line: string) => void;
  readonly keys: SigningKeys;
  readonly timeline: Timeline;
  readonly messages: MessageBook;
  readonly events: EventLog;
  readonly deadLetters: DeadLetters;
  readonly deduplication: Deduplication;
  readonly groups: UrlGroups;
  readonly schedules: ScheduleMap;
  readonly queues: Queues;
  readonly flows: FlowControl;
  readonly faults: FaultBox;
  readonly hangUp: HangUp;
  readonly dispatch: Dispatch;
  readonly plan: Plan;
  readonly quota: Quota;
  readonly parallelism: number;
  readonly answersForeignHosts: boolean;
  /** Aborted when the stand-in stops. */
  readonly requestsOut: Set<AbortController>;
  stop(): Promise<void>;
}

export interface BrokerOptions {
  now: () => number;
  report: (line: string) => void;
  currentSigningKey?: string;
  nextSigningKey?: string;
  plan: Plan;
  parallelism: number;
  answersForeignHosts: boolean;
}

export function createBroker(options: BrokerOptions): Broker {
  const { now, parallelism, plan } = options;
  const timeline = createTimeline(now);
  const faults = createFaultBox();
  const queues = new Queues({ now, plan, admit: (message) => dispatch.takeOn(message) });
  const flows = new FlowControl({ now, timeline, admit: (message) => dispatch.makeReady(message) });
  const dispatch = new Dispatch({
    now,
    timeline,
    queues,
    flows,
    faults,
    parallelism,
    attempt: (message) => deliver(broker, message),
    settle: (message, outcome) => settle(broker, message, outcome),
    lose: (message) => lose(broker, message),
  });
  const broker: Broker = {
    ...options,
    timeline,
    queues,
    flows,
    faults,
    dispatch,
    keys: createSigningKeys(options.currentSigningKey, options.nextSigningKey),
    messages: createMessageBook(now),
    events: createEventLog(now),
    deadLetters: createDeadLetters(now, plan.deadLettersKeptMs),
    deduplication: createDeduplication(now),
    groups: createUrlGroups(now, plan),
    schedules: new Map(),
    hangUp: createHangUp(),
    quota: createQuota(now, plan),
    requestsOut: new Set(),
    stop() {
      timeline.stop();
      broker.hangUp.stop();
      const stopped = dispatch.stop();
      for (const request of broker.requestsOut) request.abort(new Error("the stand-in stops"));
      return stopped;
    },
  };
  return broker;
}
