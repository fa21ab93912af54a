import { fail } from "../../lib/errors.ts";
import { toInstant } from "../../lib/time.ts";
import type { ErrorGroup, StoredEvent } from "./schema.ts";
import type { ErrorRow, EventRow, Place } from "./store.ts";

export function toErrorGroup(row: ErrorRow): ErrorGroup {
  return {
    id: row.id,
    fingerprint: row.fingerprint,
    name: row.name,
    code: row.code,
    template: row.template,
    place: row.place,
    stack: row.stack,
    state: row.state,
    firstSeenAt: toInstant(row.first_seen_at),
    lastSeenAt: toInstant(row.last_seen_at),
    count: Number(row.count),
    lastRequestId: row.last_request_id,
    lastRoute: row.last_route,
    resolvedAt: row.resolved_at && toInstant(row.resolved_at),
    resolvedBy: row.resolved_by,
    regressed: row.regressed,
  };
}

export function toStoredEvent(row: EventRow): StoredEvent {
  return {
    id: row.id,
    at: toInstant(row.at),
    lastAt: toInstant(row.last_at),
    severity: row.severity,
    kind: row.kind,
    message: row.message,
    details: row.details,
    instance: row.instance,
    count: row.count,
  };
}

/** Many may have happened in one millisecond, so that the moment alone is no place in a list. */
export function cursorAt(at: Date, id: string): string {
  return `${at.getTime()}~${id}`;
}

/** The place that a cursor names; `invalid_request` for one that is none of ours. */
export function placeAt(cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return undefined;
  const [, atMs, id = ""] =
    /^(\d{1,15})~([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(cursor) ??
      fail("invalid_request", { errors: [{ path: "cursor", message: "is not one of ours" }] });
  return { at: new Date(Number(atMs)), id };
}
