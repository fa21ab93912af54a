/** Something that happens at a moment of the virtual clock. */
export interface Timer {
  atMs: number;
  order: number;
  go: () => void;
  cancelled: boolean;
}

type Internals = { core: { runMicrotasks(): void } };

/**
 * Runs every continuation that can go on. Only outside of any continuation: from a task of the runtime's own. Deno has no
 * public way to do it, and waiting for a task of the event loop instead takes ten times as long; the version is pinned.
 */
export function drain(): void {
  core.runMicrotasks();
}

const holder = Deno as unknown as Record<symbol, Internals | undefined> & { internal: symbol };
const core = holder[holder.internal]?.core ?? missing();

function missing(): never {
  throw new Error("this version of Deno does not let a program run its microtasks");
}

/** The virtual clock and what is to happen by it. Two things at one moment happen in the order in which they were asked for. */
export class Loop {
  nowMs: number;
  #heap: Timer[] = [];
  #asked = 0;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  after(delayMs: number, go: () => void): Timer {
    const timer = { atMs: this.nowMs + delayMs, order: this.#asked++, go, cancelled: false };
    const heap = this.#heap;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above]!;
      if (!isBefore(timer, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = timer;
    return timer;
  }

  /** The next thing to happen; undefined where nothing will. */
  next(): Timer | undefined {
    while (this.#heap[0]?.cancelled) this.#pop();
    return this.#heap[0];
  }

  /** Lets the next thing happen and everything that follows from it at once. */
  step(): void {
    const timer = this.#pop();
    if (timer === undefined || timer.cancelled) return;
    if (timer.atMs > this.nowMs) this.nowMs = timer.atMs;
    timer.go();
    drain();
  }

  #pop(): Timer | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++;
      if (!isBefore(heap[below]!, last)) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.atMs < other.atMs || one.atMs === other.atMs && one.order < other.order;
}
