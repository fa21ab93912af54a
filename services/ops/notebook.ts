import type { EventDetails, SystemEvent } from "../../lib/events.ts";
import { type Clock, type EpochMs, minuteMs } from "../../lib/time.ts";
import { type DescribedError, plain, scrub } from "./model/mod.ts";
import type { NotedError, NotedEvent, SeenAt } from "./schema.ts";

/** What a process has noted and not yet written, with repeats counted. */
export interface Notebook {
  addEvent(event: SystemEvent): void;
  addError(error: DescribedError, seen: SeenAt): void;
  /** Everything in it, which it then no longer holds. */
  take(): Page;
  /** Puts back what could not be written, beside what has come since. */
  putBack(page: Page): void;
  isEmpty(): boolean;
}

export interface Page {
  events: NotedEvent[];
  errors: NotedError[];
  /** Events and errors for which there was no room. */
  dropped: number;
}

/** Events and groups of errors together; what repeats itself takes no further room. */
const notesMax = 200;
const foldMs = minuteMs;
const detailsMax = 20;

export function createNotebook(now: Clock, newId: () => string): Notebook {
  const events = new Map<string, NotedEvent>();
  const errors = new Map<string, NotedError>();
  const rows = createRows(newId);
  let dropped = 0;

  const hasRoom = () => events.size + errors.size < notesMax;

  function keepEvent(note: NotedEvent) {
    const known = events.get(note.id);
    if (known) events.set(note.id, bothEvents(known, note));
    else if (hasRoom()) events.set(note.id, note);
    else dropped += note.count;
  }

  function keepError(note: NotedError) {
    const known = errors.get(note.fingerprint);
    if (known) errors.set(note.fingerprint, bothErrors(known, note));
    else if (hasRoom()) errors.set(note.fingerprint, note);
    else dropped += note.count;
  }

  return {
    addEvent(event) {
      const nowMs = now();
      const { id, atMs } = rows.of(`${event.kind} ${event.message}`, nowMs);
      keepEvent({ ...cleaned(event), id, atMs, lastAtMs: nowMs, count: 1 });
    },
    addError(error, { requestId, route }) {
      const nowMs = now();
      keepError({
        ...error,
        firstSeenMs: nowMs,
        lastSeenMs: nowMs,
        count: 1,
        requestId: requestId === undefined ? null : plain(requestId, 100),
        route: route === undefined ? null : plain(route, 200),
      });
    },
    take() {
      const page = { events: [...events.values()], errors: [...errors.values()], dropped };
      events.clear();
      errors.clear();
      dropped = 0;
      return page;
    },
    putBack(page) {
      page.events.forEach(keepEvent);
      page.errors.forEach(keepError);
      dropped += page.dropped;
    },
    isEmpty: () => events.size + errors.size + dropped === 0,
  };
}

/** The rows of the last minute, by what they say: a repeat within it belongs to the same one. */
function createRows(newId: () => string) {
  const rows = new Map<string, { id: string; atMs: EpochMs }>();
  return {
    of(key: string, nowMs: EpochMs) {
      for (const [old, { atMs }] of rows) if (nowMs - atMs >= foldMs) rows.delete(old);
      const row = rows.get(key) ?? { id: newId(), atMs: nowMs };
      if (rows.size < notesMax) rows.set(key, row);
      return row;
    },
  };
}

function bothEvents(one: NotedEvent, other: NotedEvent): NotedEvent {
  const lastAtMs = Math.max(one.lastAtMs, other.lastAtMs);
  return { ...one, lastAtMs, count: one.count + other.count };
}

/** The later of the two says where it was last seen, whichever was put in first. */
function bothErrors(one: NotedError, other: NotedError): NotedError {
  const later = one.lastSeenMs > other.lastSeenMs ? one : other;
  const firstSeenMs = Math.min(one.firstSeenMs, other.firstSeenMs);
  return { ...later, firstSeenMs, count: one.count + other.count };
}

/** Whoever writes an event is to leave values out; what looks like one is taken out of its text all the same. */
function cleaned({ severity, kind, message, details = {} }: SystemEvent) {
  const safe = Object.entries(details).slice(0, detailsMax).map(([name, value]) =>
    [plain(name, 60), cleanedValue(value)] as const
  );
  return { severity, kind, message: withoutEmail(message), details: Object.fromEntries(safe) };
}

function cleanedValue(value: EventDetails[string]): EventDetails[string] {
  if (Array.isArray(value)) return value.slice(0, detailsMax).map(withoutEmail);
  return typeof value === "string" ? withoutEmail(value) : value;
}

function withoutEmail(text: string): string {
  return text.includes("@") ? scrub(text) : plain(text, 300);
}
