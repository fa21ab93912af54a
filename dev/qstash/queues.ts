import type { Plan } from "./plans.ts";
import { requireName } from "./ids.ts";
import type { Message } from "./message.ts";
import { Refusal, requireRoom } from "./refusal.ts";

interface Queue {
  name: string;
  parallelism: number;
  paused: boolean;
  createdMs: number;
  updatedMs: number;
  waiting: Set<Message>;
  /** Under way, from their first attempt until they and their callbacks are over. */
  active: Set<Message>;
}

/** A queue as the API shows it. */
export interface QueueView {
  name: string;
  parallelism: number;
  paused: boolean;
  createdAt: number;
  updatedAt: number;
  lag: number;
}

interface QueueParts {
  now: () => number;
  plan: Plan;
  /** Lets a message go on to its destination. */
  admit: (message: Message) => void;
}

/** First in, first out: a message that fails holds the next one back until it is delivered or given up. */
export class Queues {
  readonly #parts: QueueParts;
  readonly #queues = new Map<string, Queue>();

  constructor(parts: QueueParts) {
    this.#parts = parts;
  }

  /** Brings a queue into being if it is not there; throws a 412 where the plan has no room for it. */
  ensure(name: string) {
    this.#open(name);
  }

  enter(name: string, message: Message) {
    const queue = this.#open(name);
    queue.waiting.add(message);
    this.#pump(queue);
  }

  leave(message: Message) {
    const queue = this.#queues.get(message.request.queueName ?? "");
    if (queue === undefined) return;
    queue.waiting.delete(message);
    queue.active.delete(message);
    this.#pump(queue);
  }

  /** Changes what is given; a queue that is not there comes into being. */
  upsert(name: string, change: { parallelism?: number; paused?: boolean }) {
    requireRoom(
      change.parallelism ?? 1,
      this.#parts.plan.parallelism,
      "parallel messages in a queue",
    );
    const queue = this.#open(name);
    queue.parallelism = change.parallelism ?? queue.parallelism;
    queue.paused = change.paused ?? queue.paused;
    queue.updatedMs = this.#parts.now();
    this.#pump(queue);
  }

  /** Removes the queue; returns the messages that were waiting in it. */
  remove(name: string): Message[] {
    const waiting = [...this.#queues.get(name)?.waiting ?? []];
    this.#queues.delete(name);
    return waiting;
  }

  view(name: string): QueueView {
    const queue = this.#queues.get(requireName(name, "Queue name"));
    if (queue === undefined) throw new Refusal(404, `queue ${name} not found`);
    return viewOf(queue);
  }

  list(): QueueView[] {
    return [...this.#queues.values()].map(viewOf);
  }

  #open(name: string): Queue {
    const existing = this.#queues.get(requireName(name, "Queue name"));
    if (existing !== undefined) return existing;
    requireRoom(this.#queues.size + 1, this.#parts.plan.queuesMax, "queues");
    const bornMs = this.#parts.now();
    const queue = {
      name,
      parallelism: 1,
      paused: false,
      createdMs: bornMs,
      updatedMs: bornMs,
      waiting: new Set<Message>(),
      active: new Set<Message>(),
    };
    this.#queues.set(name, queue);
    return queue;
  }

  #pump(queue: Queue) {
    for (const message of queue.waiting) {
      if (queue.paused || queue.active.size >= queue.parallelism) return;
      queue.waiting.delete(message);
      queue.active.add(message);
      this.#parts.admit(message);
    }
  }
}

function viewOf(queue: Queue): QueueView {
  const { name, parallelism, paused, createdMs, updatedMs, waiting, active } = queue;
  const lag = waiting.size + active.size;
  return { name, parallelism, paused, createdAt: createdMs, updatedAt: updatedMs, lag };
}
