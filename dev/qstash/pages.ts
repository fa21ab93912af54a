import { type Filterable, readWholeNumber } from "./filters.ts";
import { Refusal } from "./refusal.ts";

const defaultCount = 100;

interface Numbered extends Filterable {
  id: string;
}

/** A page of what a filter selects; `cursor` is absent on the last one. */
export interface Page<Item> {
  items: Item[];
  cursor?: string;
}

/** Takes up to `count` items that match, from the one after `cursor` on. */
export function pageOf<Item extends Numbered>(
  items: Item[],
  matches: (item: Item) => boolean,
  query: URLSearchParams,
): Page<Item> {
  const count = readWholeNumber(query, "count") ?? defaultCount;
  const selected = itemsAfter(items, query.get("cursor")).filter(matches);
  const page = selected.slice(0, count);
  return { items: page, cursor: selected.length > count ? page.at(-1)?.id : undefined };
}

/** Ids are numbers in falling order, so that a cursor stays good after its item was deleted. */
function itemsAfter<Item extends Numbered>(items: Item[], cursor: string | null): Item[] {
  if (cursor === null || cursor === "") return items;
  const position = positionOf(cursor);
  if (position.some(Number.isNaN)) throw new Refusal(400, `invalid cursor: ${cursor}`);
  return items.filter((item) => comparePositions(positionOf(item.id), position) < 0);
}

function positionOf(id: string): number[] {
  return id.split("-").map(Number);
}

function comparePositions([timeA = 0, orderA = 0]: number[], [timeB = 0, orderB = 0]: number[]) {
  return timeA - timeB || orderA - orderB;
}
