import { refuseCursor } from "./cursor.ts";
import { isUuid } from "./ids.ts";

/** A part of a list, and where the next one begins; null where there is none. */
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** What a verb takes of a page: the place after which it begins, as an earlier page gave it, and its length. */
export interface PageInput {
  cursor?: string;
  limit: number;
}

/**
 * The page of `rows`, of which one more than `limit` was asked for: that one tells whether there is another page, so
 * that no list ends in an empty one.
 */
export function pageOf<Row, Item>(
  rows: Row[],
  limit: number,
  toItem: (row: Row) => Item,
  cursorOf: (row: Row) => string | number,
): Page<Item> {
  const kept = rows.slice(0, limit);
  const last = rows.length > limit ? kept.at(-1) : undefined;
  return {
    items: kept.map(toItem),
    nextCursor: last === undefined ? null : String(cursorOf(last)),
  };
}

// Cursors are sealed at the door, so that a place is one of ours; but it may be from before a release that changed the
// list's order. Such a one is refused like a foreign one, and never reaches the database.

/** The place in a list in order of ids that we made: their time is in them. */
export function placeOfId(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  return isUuid(cursor) ? cursor : refuseCursor();
}

/** The place in a list in order of numbers. */
export function placeOfNumber(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  return /^\d{1,9}$/.test(cursor) ? Number(cursor) : refuseCursor();
}

/**
 * A place in a list in order of when things were made here, and of ids within a millisecond: a client that chooses ids
 * chooses no place in it.
 */
export interface CreatedPlace {
  createdAt: Date;
  id: string;
}

export function placeOfCreated(cursor: string | undefined): CreatedPlace | undefined {
  if (cursor === undefined) return undefined;
  const [createdMs = "", id = "", ...rest] = cursor.split("~");
  if (!/^\d{1,15}$/.test(createdMs) || !isUuid(id) || rest.length > 0) return refuseCursor();
  return { createdAt: new Date(Number(createdMs)), id };
}

/** The cursor that `placeOfCreated` reads. Exact because everything is written with whole milliseconds. */
export function createdCursor({ created_at, id }: { created_at: Date; id: string }): string {
  return `${created_at.getTime()}~${id}`;
}
