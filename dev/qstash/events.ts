import { filterSets, readFilter } from "./filters.ts";
import type { Message, Outcome, State } from "./message.ts";
import { type Page, pageOf } from "./pages.ts";

const eventsKept = 10_000;

/** One step in a message's life. */
export interface Event {
  /** Its moment and its place among those of the same moment: `1725323658779-4`. */
  id: string;
  timeMs: number;
  state: State;
  message: Message;
  nextDeliveryMs?: number;
  outcome?: Outcome;
  responseStatus?: number;
}

export interface EventLog {
  record(
    message: Message,
    state: State,
    details?: { nextDeliveryMs?: number; outcome?: Outcome },
  ): void;
  /** Events that a query selects, the latest first. */
  list(query: URLSearchParams): Page<Event>;
}

export function createEventLog(now: () => number): EventLog {
  let events: Event[] = [];
  let order = 0;
  return {
    record(message, state, details = {}) {
      const id = `${now()}-${order++}`;
      const responseStatus = details.outcome?.status;
      events.push({ id, timeMs: now(), state, message, responseStatus, ...details });
      if (events.length > 2 * eventsKept) events = events.slice(-eventsKept);
    },
    list: (query) => pageOf(events, readFilter(query, filterSets.events), query),
  };
}
