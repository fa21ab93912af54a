import type { FaultBox } from "./faults.ts";
import type { FlowControl } from "./flow_control.ts";
import { isDelivered, type Message, type Outcome } from "./message.ts";
import type { Queues } from "./queues.ts";
import type { Timeline } from "./timeline.ts";

/** How long the reorder fault lets a message wait for another one to overtake it. */
const longestReorderMs = 200;

export interface DispatchParts {
  now: () => number;
  timeline: Timeline;
  queues: Queues;
  flows: FlowControl;
  faults: FaultBox;
  /** Requests that may be out at once. */
  parallelism: number;
  /** Makes one request. Never rejects. */
  attempt: (message: Message) => Promise<Outcome>;
  /** Decides what becomes of a message after an attempt. */
  settle: (message: Message, outcome: Outcome) => void;
  /** Forgets a message that a fault is to lose. */
  lose: (message: Message) => void;
}

/**
 * The way of a message: its queue's turn, its time, its flow-control key's turn, one of the places for
 * requests, an attempt; then what the outcome asks for.
 */
export class Dispatch {
  readonly #parts: DispatchParts;
  readonly #ready = new Set<Message>();
  readonly #inFlight = new Set<Message>();
  /** Every request that is out, doubled ones included. */
  readonly #requests = new Set<Promise<void>>();
  /** Due, but kept back by a fault. */
  readonly #held = new Set<Message>();
  readonly #overtakable = new Set<Message>();
  #idlers: Array<() => void> = [];
  #stopped = false;

  constructor(parts: DispatchParts) {
    this.#parts = parts;
  }

  /** Takes in a new message, through its queue if it has one. */
  add(message: Message) {
    const { queueName } = message.request;
    if (queueName === undefined) this.takeOn(message);
    else this.#parts.queues.enter(queueName, message);
  }

  /** Takes on a message whose queue, if any, lets it go: it waits for its time. */
  takeOn(message: Message) {
    if (message.dueMs <= this.#parts.now()) return this.#comeDue(message);
    this.#parts.timeline.set(message, message.dueMs, () => this.#comeDue(message));
  }

  /** Takes on a message whose flow-control key lets it go. */
  makeReady(message: Message) {
    this.#ready.add(message);
    this.#startReady();
  }

  /** Takes a message off its way. False where its request is out already. */
  remove(message: Message): boolean {
    if (this.#inFlight.has(message)) return false;
    this.#parts.timeline.delete(message);
    for (const place of [this.#overtakable, this.#held, this.#ready]) place.delete(message);
    this.#parts.flows.leave(message);
    this.#wakeIdlers();
    return true;
  }

  inFlightCount(): number {
    return this.#inFlight.size;
  }

  /** Resolves when no request is out and none is due. What waits for a later time, a paused queue or a rate does not count. */
  async idle() {
    this.#parts.timeline.runDue();
    // Nobody is left to overtake these.
    if (this.#requests.size === 0) this.#letGo(this.#overtakable);
    if (this.#isBusy()) await new Promise<void>((resolve) => this.#idlers.push(resolve));
  }

  /** Starts nothing more; resolves when no request is out. */
  async stop() {
    this.#stopped = true;
    await Promise.all(this.#requests);
    for (const wake of this.#idlers.splice(0)) wake();
  }

  #comeDue(message: Message) {
    const { faults, flows, lose } = this.#parts;
    if (faults.hits("lose", message)) return lose(message);
    const lateMs = faults.lateMs(message);
    if (lateMs > 0) return this.#putOff(message, lateMs);
    const delayMs = faults.delayMs(message);
    if (delayMs > 0) return this.#hold(message, delayMs);
    if (!faults.hits("reorder", message)) return flows.enter(message);
    this.#overtakable.add(message);
    this.#hold(message, longestReorderMs);
  }

  #putOff(message: Message, lateMs: number) {
    message.dueMs = this.#parts.now() + lateMs;
    this.takeOn(message);
  }

  #hold(message: Message, holdMs: number) {
    this.#held.add(message);
    const untilMs = this.#parts.now() + holdMs;
    this.#parts.timeline.set(message, untilMs, () => this.#letGo([message]));
  }

  #letGo(messages: Iterable<Message>) {
    for (const message of messages) {
      this.#parts.timeline.delete(message);
      this.#overtakable.delete(message);
      if (this.#held.delete(message)) this.#parts.flows.enter(message);
    }
  }

  #startReady() {
    for (const message of this.#ready) {
      if (this.#stopped || this.#inFlight.size >= this.#parts.parallelism) return;
      this.#ready.delete(message);
      this.#inFlight.add(message);
      this.#track(this.#run(message));
      if (this.#parts.faults.hits("duplicate", message)) this.#track(this.#runUnheard(message));
    }
  }

  async #run(message: Message) {
    const { attempt, settle, faults, flows } = this.#parts;
    const outcome = await attempt(message);
    this.#inFlight.delete(message);
    if (this.#stopped) return;
    flows.leave(message);
    const isLost = isDelivered(outcome) && faults.hits("dropAcknowledgement", message);
    if (isLost) flows.enter(message);
    else settle(message, outcome);
    this.#letGo(this.#overtakable);
    this.#startReady();
  }

  async #runUnheard(message: Message) {
    await this.#parts.attempt(message);
  }

  #track(request: Promise<void>) {
    this.#requests.add(request);
    request.finally(() => {
      this.#requests.delete(request);
      this.#wakeIdlers();
    });
  }

  #wakeIdlers() {
    if (this.#isBusy()) return;
    for (const wake of this.#idlers.splice(0)) wake();
  }

  #isBusy(): boolean {
    return this.#requests.size + this.#ready.size + this.#held.size > 0;
  }
}
