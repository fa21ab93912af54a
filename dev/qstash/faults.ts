import { hourMs } from "../../lib/time.ts";
import { type FaultSubject, subjectOfMessage } from "./fault_subjects.ts";
import type { Message } from "./message.ts";

/** Which messages a fault hits, and when. Without any field: every message, once. */
export interface Fault {
  /** Share of the meetings that are hit, from 0 to 1; 1 unless said. */
  rate?: number;
  /** Only messages with this label. */
  label?: string;
  /** Only messages whose destination holds this text or matches this pattern. */
  url?: string | RegExp;
  /** Only messages whose body holds this text or matches this pattern. */
  body?: string | RegExp;
  /** Only messages whose deduplication id holds this text or matches this pattern. */
  deduplicationId?: string | RegExp;
  /** Only messages of which this is true. */
  when?: (subject: FaultSubject) => boolean;
  /** Of the messages so named only the n-th that the fault meets, counted from 1; or several of them. */
  nth?: number | number[];
  /** Of a message's meetings with the fault only the n-th: a retry meets it again, and so does what it let through. */
  attempt?: number;
  /** How often one message is hit at most; once unless said, so that even a rate of 1 lets all of them through. */
  timesPerMessage?: number;
}

/** What goes wrong on purpose. One fault of a kind, or several; the first that hits counts. */
export interface Faults {
  /** A second request for the same attempt, at the same time; its answer is not looked at. */
  duplicate?: Fault | Fault[];
  /** The attempt is made this much later than it is due, and `idle()` waits for it. */
  delay?: DelayFault | DelayFault[];
  /** The attempt is made hours later by the stand-in's clock, 6 unless said; `idle()` does not wait for it. */
  late?: LateFault | LateFault[];
  /** The attempt waits until another message has overtaken it, or 200 ms. */
  reorder?: Fault | Fault[];
  /** The message was accepted and is never delivered, nor heard of again. */
  lose?: Fault | Fault[];
  /** A delivery's 2xx is lost: the message is delivered again, with the same `Upstash-Retried`. */
  dropAcknowledgement?: Fault | Fault[];
  /** Publish, enqueue and batch answer with this status (503 unless said) and accept nothing. */
  refuse?: RefuseFault | RefuseFault[];
  /** These entries of a batch are refused and the others accepted, under an answer of 200. */
  refuseEntry?: RefuseEntryFault | RefuseEntryFault[];
  /** A publish, enqueue or batch is accepted, and its caller does not learn of it. */
  loseAnswer?: LoseAnswerFault | LoseAnswerFault[];
  /** Decides what a rate hits; `Math.random` unless given. */
  random?: () => number;
  /** Makes a run repeatable: what a rate hits follows from this whole number. */
  seed?: number;
}

export interface DelayFault extends Fault {
  delayMs: number;
}

export interface LateFault extends Fault {
  lateMs?: number;
}

/** Where it names messages, it hits the calls that bring one of them, and `nth` counts those calls. */
export interface RefuseFault extends Fault {
  status?: number;
}

export interface RefuseEntryFault extends Fault {
  /** What the entry's answer says. */
  error?: string;
}

/** Counts calls as {@link RefuseFault} does. */
export interface LoseAnswerFault extends Fault {
  /** The connection ends `before` anything is answered, as unless said, or `within` the answer's body. */
  cut?: "before" | "within";
}

interface FaultByKind {
  duplicate: Fault;
  delay: DelayFault;
  late: LateFault;
  reorder: Fault;
  lose: Fault;
  dropAcknowledgement: Fault;
  refuse: RefuseFault;
  refuseEntry: RefuseEntryFault;
  loseAnswer: LoseAnswerFault;
}

export type FaultKind = keyof FaultByKind;

export const faultKinds = [
  "duplicate",
  "delay",
  "late",
  "reorder",
  "lose",
  "dropAcknowledgement",
  "refuse",
  "refuseEntry",
  "loseAnswer",
] as const satisfies FaultKind[];

type FaultLists = { [Kind in FaultKind]: FaultByKind[Kind][] };

export interface FaultBox {
  set(faults: Faults): void;
  current(): Faults;
  /** How often each kind hit since the faults were set. */
  hitCounts(): Record<FaultKind, number>;
  has(kind: FaultKind): boolean;
  /** The fault of this kind that is to happen now to what is met, if any; counts the meeting and the hit. */
  strike<Kind extends FaultKind>(
    kind: Kind,
    met: object,
    subjects: FaultSubject[],
  ): FaultByKind[Kind] | undefined;
  /** The same for a message. */
  hits(kind: FaultKind, message: Message): boolean;
  /** How much later than due this attempt is to be made; 0 where it is not hit. */
  delayMs(message: Message): number;
  lateMs(message: Message): number;
}

export function createFaultBox(): FaultBox {
  let faults: Faults = {};
  let lists = listsOf(faults);
  let random: () => number = Math.random;
  let ledgers = new Map<Fault, Ledger>();
  let hitCounts = noHits();

  const strike: FaultBox["strike"] = (kind, met, subjects) => {
    for (const fault of lists[kind]) {
      if (!isNamed(fault, subjects)) continue;
      const ledger = ledgers.get(fault) ?? new Ledger();
      ledgers.set(fault, ledger);
      if (!ledger.hits(fault, met, random)) continue;
      hitCounts[kind]++;
      return fault;
    }
    return undefined;
  };

  function strikeMessage<Kind extends FaultKind>(kind: Kind, message: Message) {
    if (lists[kind].length === 0) return undefined;
    return strike(kind, message, [subjectOfMessage(message)]);
  }
  return {
    set(next) {
      faults = next;
      lists = listsOf(next);
      random = next.random ?? (next.seed === undefined ? Math.random : seeded(next.seed));
      ledgers = new Map();
      hitCounts = noHits();
    },
    current: () => faults,
    hitCounts: () => ({ ...hitCounts }),
    has: (kind) => lists[kind].length > 0,
    strike,
    hits: (kind, message) => strikeMessage(kind, message) !== undefined,
    delayMs: (message) => strikeMessage("delay", message)?.delayMs ?? 0,
    lateMs(message) {
      const fault = strikeMessage("late", message);
      return fault === undefined ? 0 : fault.lateMs ?? 6 * hourMs;
    },
  };
}

/** What one fault has met, and how often it hit each of it. */
class Ledger {
  readonly #entries = new WeakMap<object, { index: number; meetings: number; hits: number }>();
  #met = 0;

  hits({ nth, attempt, timesPerMessage = 1, rate = 1 }: Fault, met: object, random: () => number) {
    const entry = this.#entries.get(met) ?? { index: ++this.#met, meetings: 0, hits: 0 };
    this.#entries.set(met, entry);
    entry.meetings++;
    if (nth !== undefined && ![nth].flat().includes(entry.index)) return false;
    if (attempt !== undefined && attempt !== entry.meetings) return false;
    if (entry.hits >= timesPerMessage || random() >= rate) return false;
    entry.hits++;
    return true;
  }
}

function listsOf(faults: Faults): FaultLists {
  return {
    duplicate: [faults.duplicate ?? []].flat(),
    delay: [faults.delay ?? []].flat(),
    late: [faults.late ?? []].flat(),
    reorder: [faults.reorder ?? []].flat(),
    lose: [faults.lose ?? []].flat(),
    dropAcknowledgement: [faults.dropAcknowledgement ?? []].flat(),
    refuse: [faults.refuse ?? []].flat(),
    refuseEntry: [faults.refuseEntry ?? []].flat(),
    loseAnswer: [faults.loseAnswer ?? []].flat(),
  };
}

function noHits(): Record<FaultKind, number> {
  return {
    duplicate: 0,
    delay: 0,
    late: 0,
    reorder: 0,
    lose: 0,
    dropAcknowledgement: 0,
    refuse: 0,
    refuseEntry: 0,
    loseAnswer: 0,
  };
}

/** A fault that names nothing meets whatever comes, a batch without entries too. */
function isNamed(fault: Fault, subjects: FaultSubject[]): boolean {
  const { label, url, body, deduplicationId, when } = fault;
  const namesNothing = [label, url, body, deduplicationId, when].every((name) =>
    name === undefined
  );
  return namesNothing ||
    subjects.some((subject) =>
      (label === undefined || subject.labels.includes(label)) &&
      holds(url, () => subject.url) &&
      holds(body, () => subject.body) &&
      holds(deduplicationId, () => subject.deduplicationId ?? "") &&
      (when === undefined || when(subject))
    );
}

/** A pattern's own place, which a flag `g` gives it, does not count. */
function holds(wanted: string | RegExp | undefined, read: () => string): boolean {
  if (wanted === undefined) return true;
  return typeof wanted === "string" ? read().includes(wanted) : read().search(wanted) >= 0;
}

/** Park and Miller's generator, whose state is a whole number from 1 to 2^31 - 2. */
function seeded(seed: number): () => number {
  let state = Math.abs(Math.trunc(seed)) % 2_147_483_646 + 1;
  const next = () => {
    state = state * 48_271 % 2_147_483_647;
    return state / 2_147_483_647;
  };
  // Small seeds lie close together, and so do their first numbers.
  for (let turn = 0; turn < 3; turn++) next();
  return next;
}
