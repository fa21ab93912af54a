/** Things that happen later, behind one timer for the earliest of them. */
export interface Timeline {
  /** Runs `run` once `dueMs` has come, never at once; replaces what this owner had planned. */
  set(owner: object, dueMs: number, run: () => void): void;
  delete(owner: object): void;
  /** When this owner's turn comes, if it has one. */
  dueOf(owner: object): number | undefined;
  /** Runs what is due by the clock now. For a test that holds its own clock and has moved it. */
  runDue(): void;
  stop(): void;
}

interface Entry {
  owner: object;
  dueMs: number;
  run: () => void;
}

/** A longer timer overflows and fires at once. */
const longestTimerMs = 2 ** 31 - 1;

export function createTimeline(now: () => number): Timeline {
  // The latest first, so that the next one is popped off the end. What was replaced or deleted
  // stays in the list and is passed over when its turn comes.
  const entries: Entry[] = [];
  const byOwner = new Map<object, Entry>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  function set(owner: object, dueMs: number, run: () => void) {
    const entry = { owner, dueMs, run };
    byOwner.set(owner, entry);
    entries.splice(placeFor(entries, dueMs), 0, entry);
    if (entries.at(-1) === entry) arm();
  }

  function arm() {
    clearTimeout(timer);
    const next = entries.at(-1);
    if (next === undefined || stopped) return;
    timer = setTimeout(runDue, Math.min(longestTimerMs, Math.max(0, next.dueMs - now())));
  }

  function runDue() {
    for (let next = entries.at(-1); next !== undefined; next = entries.at(-1)) {
      const alive = byOwner.get(next.owner) === next;
      if (alive && next.dueMs > now()) break;
      entries.pop();
      if (!alive) continue;
      byOwner.delete(next.owner);
      next.run();
    }
    arm();
  }

  function stop() {
    stopped = true;
    clearTimeout(timer);
  }
  return {
    set,
    delete: (owner) => void byOwner.delete(owner),
    dueOf: (owner) => byOwner.get(owner)?.dueMs,
    runDue,
    stop,
  };
}

/** Before the first entry that is not later, so that equal ones run in the order in which they came. */
function placeFor(entries: Entry[], dueMs: number): number {
  let from = 0;
  let to = entries.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((entries[middle]?.dueMs ?? 0) > dueMs) from = middle + 1;
    else to = middle;
  }
  return from;
}
