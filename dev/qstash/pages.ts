import { type Filterable, readWholeNumber } from "./filters.ts";
import { Refusal } from "./refusal.ts";

/** How many items a page holds at most, and unless fewer are asked for. */
const countMax = 100;

interface Numbered extends Filterable {
  id: string;
}

/** A page of what a filter selects; `cursor` is absent on the last one. */
export interface Page<Item> {
  items: Item[];
  cursor?: string;
}

/**
 * Takes up to `count` items that match, from the one after `cursor` on: the latest first, or with
 * `order=earliestFirst` the other way round. The items are given the earliest first.
 */
export function pageOf<Item extends Numbered>(
  items: Item[],
  matches: (item: Item) => boolean,
  query: URLSearchParams,
): Page<Item> {
  const count = Math.min(readWholeNumber(query, "count", 1) ?? countMax, countMax);
  const direction = readDirection(query.get("order"));
  const inOrder = direction > 0 ? items : items.toReversed();
  const selected = itemsAfter(inOrder, query.get("cursor"), direction).filter(matches);
  const page = selected.slice(0, count);
  return { items: page, cursor: selected.length > count ? page.at(-1)?.id : undefined };
}

function readDirection(order: string | null): 1 | -1 {
  if (order === null || order === "latestFirst") return -1;
  if (order === "earliestFirst") return 1;
  throw new Refusal(400, `invalid order: ${order}`);
}

/** Ids are numbers that rise, so that a cursor stays good after its item was deleted. */
function itemsAfter<Item extends Numbered>(
  items: Item[],
  cursor: string | null,
  direction: 1 | -1,
): Item[] {
  if (cursor === null || cursor === "") return items;
  const position = positionOf(cursor);
  if (position.some(Number.isNaN)) throw new Refusal(400, `invalid cursor: ${cursor}`);
  return items.filter((item) => direction * comparePositions(positionOf(item.id), position) > 0);
}

function positionOf(id: string): number[] {
  return id.split("-").map(Number);
}

function comparePositions([timeA = 0, orderA = 0]: number[], [timeB = 0, orderB = 0]: number[]) {
  return timeA - timeB || orderA - orderB;
}
