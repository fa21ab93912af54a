import { authoriseSystem } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { NotedError, NotedEvent } from "./schema.ts";
import { lockGroups, upsertEvents, upsertGroup } from "./store.ts";

export interface Notes {
  events: NotedEvent[];
  errors: NotedError[];
  /** Who noted them: one process among many. */
  instance: string;
}

type WriteNeeds = Needs<"actor" | "database" | "log" | "newId">;

/**
 * Writes what a process has noted, in one transaction. An error that is back after it was resolved opens its group
 * again, and that is an event of its own.
 */
export async function writeNotes(ctx: WriteNeeds, notes: Notes): Promise<void> {
  authoriseSystem(ctx);
  await inTransaction(ctx, async ({ sql }) => {
    const errors = notes.errors.toSorted((a, b) => a.fingerprint < b.fingerprint ? -1 : 1);
    const known = errors.length === 0
      ? new Map<string, Date | null>()
      : await lockGroups(sql, errors.map(({ fingerprint }) => fingerprint));
    const events = [...notes.events];
    for (const error of errors) {
      const resolvedAt = known.get(error.fingerprint);
      // One that was met before somebody resolved it, and is only written now, has not come back.
      const isBack = resolvedAt ? error.lastSeenMs > resolvedAt.getTime() : false;
      const id = await upsertGroup(sql, ctx.newId(), error, isBack);
      if (isBack) events.push(regression(ctx.newId(), id, error));
    }
    if (events.length > 0) await upsertEvents(sql, events, notes.instance);
  });
}

function regression(id: string, errorId: string, error: NotedError): NotedEvent {
  return {
    id,
    severity: "error",
    kind: "error_regressed",
    message: `${error.name} at ${error.place} is back after it was resolved`,
    details: { errorId },
    atMs: error.lastSeenMs,
    lastAtMs: error.lastSeenMs,
    count: 1,
  };
}
