import type { Database } from "../../lib/database.ts";
import { isFailure } from "../../lib/errors.ts";
import type { SystemEvent } from "../../lib/events.ts";
import type { Log } from "../../lib/log.ts";
import { type Clock, pause, secondMs } from "../../lib/time.ts";
import { describeError } from "./model/mod.ts";
import { createNotebook, type Page } from "./notebook.ts";
import type { SeenAt } from "./schema.ts";

/** Notes events and errors for later. None of it waits, and none of it throws. */
export interface Recorder {
  event(event: SystemEvent): void;
  error(error: unknown, seen: SeenAt): void;
  /** Writes what is left, for two seconds at most. */
  close(): Promise<void>;
}

export interface RecorderOptions {
  /** Asked when there is something to write: the database has a log itself, and is opened after this. */
  database: () => Database;
  /** For the recorder's own troubles: one that is recorded itself would go round in circles. */
  log: Log;
  now: Clock;
  newId: () => string;
}

const gatherMs = secondMs;
const retryMaxMs = 30 * secondMs;
const closingMs = 2 * secondMs;

/**
 * Gathers for a second and writes in one transaction, in the background. While Postgres is away it keeps what it has,
 * bounded, and tries again ever more slowly; what found no room is counted, and said once it can be.
 */
export function createRecorder(options: RecorderOptions): Recorder {
  const { log, now, newId } = options;
  const notebook = createNotebook(now, newId);
  // Its own part of an id is random, and all that tells one process from another.
  const instance = newId().slice(-8);
  const actor = { kind: "system", job: "record_notes" } as const;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing: Promise<boolean> | undefined;
  let failures = 0;
  let closed = false;

  function later() {
    if (timer !== undefined || writing !== undefined || closed || notebook.isEmpty()) return;
    timer = setTimeout(flush, Math.min(gatherMs * 2 ** failures, retryMaxMs));
    Deno.unrefTimer(timer);
  }

  function flush(): Promise<boolean> {
    clearTimeout(timer);
    timer = undefined;
    writing ??= write(notebook.take()).finally(() => {
      writing = undefined;
      later();
    });
    return writing;
  }

  async function write(page: Page): Promise<boolean> {
    try {
      const dropped = page.dropped === 0 ? [] : [noRoom(page.dropped, now(), newId())];
      const ctx = { ...options, database: options.database(), actor };
      const { writeNotes } = await import("./write_notes.ts");
      await writeNotes(ctx, { ...page, events: [...page.events, ...dropped], instance });
      failures = 0;
      return true;
    } catch (error) {
      if (failures++ === 0) log.warn("events not written", { error });
      // What Postgres refuses for what it is would be refused for ever, and everything behind it with it.
      if (isFailure(error, "unavailable")) notebook.putBack(page);
      return false;
    }
  }

  return {
    event(event) {
      quietly(log, () => notebook.addEvent(event));
      later();
    },
    error(error, seen) {
      quietly(log, () => notebook.addError(describeError(error), seen));
      later();
    },
    async close() {
      clearTimeout(timer);
      const enough = new AbortController();
      const draining = drain().finally(() => enough.abort());
      await Promise.race([draining, pause(closingMs, enough.signal)]);
      closed = true;
      clearTimeout(timer);
    },
  };

  /** What was being written when this began may have left more behind it. */
  async function drain(): Promise<void> {
    await writing;
    if (!notebook.isEmpty()) await flush();
  }
}

/** An error that cannot even be described must not become a second one for whoever met the first. */
function quietly(log: Log, note: () => void): void {
  try {
    note();
  } catch (error) {
    log.warn("not noted", { error });
  }
}

function noRoom(count: number, nowMs: number, id: string) {
  return {
    id,
    severity: "warning" as const,
    kind: "events_dropped",
    message: "there was no room for everything while Postgres was away",
    details: { count },
    atMs: nowMs,
    lastAtMs: nowMs,
    count: 1,
  };
}
