import { secondMs } from "../../lib/time.ts";
import type { FlowLimits } from "./flow_limits.ts";
import type { Message } from "./message.ts";
import { Refusal } from "./refusal.ts";
import type { Timeline } from "./timeline.ts";

interface Flow {
  limits: FlowLimits;
  pinnedParallelism: boolean;
  pinnedRate: boolean;
  paused: boolean;
  waiting: Set<Message>;
  active: Set<Message>;
  periodStartMs: number;
  startedInPeriod: number;
}

/** A key as the API shows it; periods and their start are in seconds there. */
export interface FlowView {
  flowControlKey: string;
  waitListSize: number;
  parallelismMax?: number;
  parallelismCount: number;
  rateMax?: number;
  rateCount: number;
  ratePeriod: number;
  ratePeriodStart: number;
  isPaused: boolean;
  isPinnedParallelism: boolean;
  isPinnedRate: boolean;
}

interface FlowParts {
  now: () => number;
  timeline: Timeline;
  /** Lets a message go on to its destination. */
  admit: (message: Message) => void;
}

/** Limits by key: how many are under way at once, how many start in a period. Each attempt counts. */
export class FlowControl {
  readonly #parts: FlowParts;
  readonly #flows = new Map<string, Flow>();

  constructor(parts: FlowParts) {
    this.#parts = parts;
  }

  /** Lets the message go on, at once or when its key allows it. */
  enter(message: Message) {
    const limits = message.options.flow;
    if (limits === undefined) return this.#parts.admit(message);
    const flow = this.#open(limits.key);
    flow.waiting.add(message);
    this.#pump(flow);
  }

  leave(message: Message) {
    const flow = this.#flows.get(message.options.flow?.key ?? "");
    if (flow === undefined) return;
    flow.waiting.delete(message);
    flow.active.delete(message);
    this.#pump(flow);
  }

  /** Takes over the limits of a message that is published, except those that are pinned. */
  configure({ key, parallelism, rate, periodMs }: FlowLimits) {
    const flow = this.#open(key);
    if (!flow.pinnedParallelism) flow.limits.parallelism = parallelism;
    if (!flow.pinnedRate) Object.assign(flow.limits, { rate, periodMs });
    this.#pump(flow);
  }

  setPaused(key: string, paused: boolean) {
    const flow = this.#open(key);
    flow.paused = paused;
    this.#pump(flow);
  }

  /** Holds limits against those that messages bring, and begins a new period. */
  pin(key: string, limits: Partial<FlowLimits>) {
    const flow = this.#open(key);
    flow.pinnedParallelism ||= limits.parallelism !== undefined;
    flow.pinnedRate ||= limits.rate !== undefined;
    flow.limits = { ...flow.limits, ...limits };
    this.resetRate(key);
  }

  unpin(key: string, which: { parallelism: boolean; rate: boolean }) {
    const flow = this.#open(key);
    if (which.parallelism) flow.pinnedParallelism = false;
    if (which.rate) flow.pinnedRate = false;
  }

  resetRate(key: string) {
    const flow = this.#open(key);
    flow.startedInPeriod = 0;
    flow.periodStartMs = this.#parts.now();
    this.#pump(flow);
  }

  /** Forgets what is under way and what was started: the key begins anew, with its limits. */
  reset(key: string) {
    this.#open(key).active.clear();
    this.resetRate(key);
  }

  view(key: string): FlowView {
    const flow = this.#flows.get(key);
    if (flow === undefined) throw new Refusal(404, `flow control key ${key} not found`);
    return viewOf(flow, this.#parts.now());
  }

  list(): FlowView[] {
    return [...this.#flows.values()].map((flow) => viewOf(flow, this.#parts.now()));
  }

  #open(key: string): Flow {
    const flow = this.#flows.get(key) ?? newFlow(key, this.#parts.now());
    this.#flows.set(key, flow);
    return flow;
  }

  #pump(flow: Flow) {
    if (flow.paused) return;
    const { now, timeline, admit } = this.#parts;
    rollPeriod(flow, now());
    const { parallelism = Infinity, rate = Infinity, periodMs } = flow.limits;
    for (const message of flow.waiting) {
      if (flow.active.size >= parallelism) return;
      if (flow.startedInPeriod >= rate) {
        return timeline.set(flow, flow.periodStartMs + periodMs, () => this.#pump(flow));
      }
      if (flow.startedInPeriod++ === 0) flow.periodStartMs = now();
      flow.waiting.delete(message);
      flow.active.add(message);
      admit(message);
    }
  }
}

function newFlow(key: string, nowMs: number): Flow {
  return {
    limits: { key, periodMs: secondMs },
    pinnedParallelism: false,
    pinnedRate: false,
    paused: false,
    waiting: new Set(),
    active: new Set(),
    periodStartMs: nowMs,
    startedInPeriod: 0,
  };
}

/** A period begins with its first message, so that a quiet key does not spend one on nothing. */
function rollPeriod(flow: Flow, nowMs: number) {
  if (nowMs < flow.periodStartMs + flow.limits.periodMs) return;
  flow.periodStartMs = nowMs;
  flow.startedInPeriod = 0;
}

function viewOf(flow: Flow, nowMs: number): FlowView {
  rollPeriod(flow, nowMs);
  const { key, parallelism, rate, periodMs } = flow.limits;
  return {
    flowControlKey: key,
    waitListSize: flow.waiting.size,
    parallelismMax: parallelism,
    parallelismCount: flow.active.size,
    rateMax: rate,
    rateCount: flow.startedInPeriod,
    ratePeriod: periodMs / secondMs,
    ratePeriodStart: Math.floor(flow.periodStartMs / secondMs),
    isPaused: flow.paused,
    isPinnedParallelism: flow.pinnedParallelism,
    isPinnedRate: flow.pinnedRate,
  };
}
