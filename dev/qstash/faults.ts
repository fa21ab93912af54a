import type { Message } from "./message.ts";

/** Which attempts a fault hits. Without any field: every message, once. */
export interface Fault {
  /** Share of the attempts that are hit, from 0 to 1; 1 unless said. */
  rate?: number;
  /** Only messages with this label. */
  label?: string;
  /** Only messages whose destination holds this text or matches this pattern. */
  url?: string | RegExp;
  /** How often one message is hit at most; once unless said, so that even a rate of 1 lets all of them through. */
  timesPerMessage?: number;
}

/** What goes wrong on purpose: all of it can happen with the real QStash. */
export interface Faults {
  /** A second request for the same attempt, at the same time; its answer is not looked at. */
  duplicate?: Fault;
  /** The attempt is made this much later than it is due. */
  delay?: Fault & { delayMs: number };
  /** The attempt waits until another message has overtaken it, or 200 ms. */
  reorder?: Fault;
  /** A delivery's 2xx is lost: the message is delivered again, with the same `Upstash-Retried`. */
  dropAcknowledgement?: Fault;
  /** Publish, enqueue and batch answer with this status (503 unless said) and accept nothing. */
  refuse?: { rate?: number; status?: number };
  /** Decides what a rate hits; `Math.random` unless given. A seeded one makes a run repeatable. */
  random?: () => number;
}

export type FaultKind = "duplicate" | "delay" | "reorder" | "dropAcknowledgement";

export interface FaultBox {
  set(faults: Faults): void;
  /** True where this fault is to happen to this message now; counts it. */
  hits(kind: FaultKind, message: Message): boolean;
  /** How much later than due this attempt is to be made; 0 where it is not hit. */
  delayMs(message: Message): number;
  /** The status with which a publish is to be refused, if it is. */
  refusal(): number | undefined;
}

export function createFaultBox(): FaultBox {
  let faults: Faults = {};
  let counts = new WeakMap<Message, Map<FaultKind, number>>();
  const random = () => (faults.random ?? Math.random)();

  function hits(kind: FaultKind, message: Message): boolean {
    const fault = faults[kind];
    if (fault === undefined || !concerns(fault, message)) return false;
    const ofMessage = counts.get(message) ?? new Map<FaultKind, number>();
    const before = ofMessage.get(kind) ?? 0;
    if (before >= (fault.timesPerMessage ?? 1) || random() >= (fault.rate ?? 1)) return false;
    counts.set(message, ofMessage.set(kind, before + 1));
    return true;
  }
  return {
    set(next) {
      faults = next;
      counts = new WeakMap();
    },
    hits,
    delayMs: (message) => hits("delay", message) ? faults.delay?.delayMs ?? 0 : 0,
    refusal() {
      const { refuse } = faults;
      const refused = refuse !== undefined && random() < (refuse.rate ?? 1);
      return refused ? refuse.status ?? 503 : undefined;
    },
  };
}

function concerns({ label, url }: Fault, message: Message): boolean {
  if (label !== undefined && !message.options.labels.includes(label)) return false;
  if (url === undefined) return true;
  return typeof url === "string" ? message.url.includes(url) : url.test(message.url);
}
