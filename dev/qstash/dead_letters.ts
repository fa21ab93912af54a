import { filterSets, readFilter, valuesOf } from "./filters.ts";
import type { Message, Outcome } from "./message.ts";
import { type Page, pageOf } from "./pages.ts";
import { Refusal } from "./refusal.ts";

const deadLettersKept = 10_000;

/** A message that was given up, with the answer to its last attempt. */
export interface DeadLetter {
  id: string;
  timeMs: number;
  message: Message;
  outcome: Outcome;
  responseStatus?: number;
}

export interface DeadLetters {
  add(message: Message, outcome: Outcome): DeadLetter;
  /** Throws a 404 for one that is not there, or not any more. */
  get(id: string): DeadLetter;
  delete(id: string): void;
  /** What a query selects, the latest first: the ids it names, or else its filters and page. */
  select(query: URLSearchParams): Page<DeadLetter>;
  all(): DeadLetter[];
}

/** Letters older than `keptMs` are gone, as they are after what the plan keeps them for. */
export function createDeadLetters(now: () => number, keptMs: number): DeadLetters {
  const letters = new Map<string, DeadLetter>();
  let order = 0;

  function add(message: Message, outcome: Outcome): DeadLetter {
    const id = `${now()}-${order++}`;
    const responseStatus = outcome.status;
    const letter = { id, timeMs: now(), message, outcome, responseStatus };
    letters.set(id, letter);
    const [oldest] = letters.keys();
    if (letters.size > deadLettersKept && oldest !== undefined) letters.delete(oldest);
    return letter;
  }

  function get(id: string): DeadLetter {
    forgetOld();
    const letter = letters.get(id);
    if (letter === undefined) throw new Refusal(404, `message ${id} not found in the DLQ`);
    return letter;
  }

  function select(query: URLSearchParams): Page<DeadLetter> {
    const matches = readFilter(query, filterSets.deadLetters);
    if (!query.has("dlqIds")) return pageOf(all(), matches, query);
    const ids = valuesOf(query, "dlqIds");
    return { items: all().toReversed().filter(({ id }) => ids.has(id)) };
  }

  function all(): DeadLetter[] {
    forgetOld();
    return [...letters.values()];
  }

  function forgetOld() {
    for (const [id, { timeMs }] of letters) {
      if (timeMs + keptMs > now()) return;
      letters.delete(id);
    }
  }
  return { add, get, delete: (id) => void letters.delete(id), select, all };
}
