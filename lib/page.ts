/** A part of a list, and where the next one begins; null where there is none. */
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
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
