import { createDeadLetters, type DeadLetters } from "./dead_letters.ts";
import { createDeduplication, type Deduplication } from "./deduplication.ts";
import { deliver } from "./deliver.ts";
import { Dispatch } from "./dispatch.ts";
import { createEventLog, type EventLog } from "./events.ts";
import { createFaultBox, type FaultBox } from "./faults.ts";
import { FlowControl } from "./flow_control.ts";
import { createMessageBook, type MessageBook } from "./message_book.ts";
import { Queues } from "./queues.ts";
import type { ScheduleMap } from "./schedules.ts";
import { settle } from "./settle.ts";
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
  readonly dispatch: Dispatch;
  readonly parallelism: number;
  readonly answersForeignHosts: boolean;
  /** Aborted when the stand-in stops, and with it every request that is out. */
  readonly stopping: AbortSignal;
  stop(): Promise<void>;
}

export interface BrokerOptions {
  now: () => number;
  report: (line: string) => void;
  currentSigningKey?: string;
  nextSigningKey?: string;
  parallelism: number;
  answersForeignHosts: boolean;
}

export function createBroker(options: BrokerOptions): Broker {
  const { now, parallelism } = options;
  const timeline = createTimeline(now);
  const faults = createFaultBox();
  const queues = new Queues({ now, admit: (message) => dispatch.takeOn(message) });
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
  });
  const stopping = new AbortController();
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
    deadLetters: createDeadLetters(now),
    deduplication: createDeduplication(now),
    groups: createUrlGroups(now),
    schedules: new Map(),
    stopping: stopping.signal,
    stop() {
      timeline.stop();
      stopping.abort(new Error("the stand-in stops"));
      return dispatch.stop();
    },
  };
  return broker;
}
