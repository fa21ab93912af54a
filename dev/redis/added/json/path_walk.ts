import { passes } from "./path_filter.ts";
import type { Segment, Selector } from "./path_syntax.ts";
import { isObject, type Json, type JsonObject, member } from "./value.ts";

/** A place in a document: what stands there, and what it stands in. */
export interface Place {
  value: Json;
  parent: Json[] | JsonObject;
  name: string | number;
  above?: Place;
}

/**
 * All places that the segments select, each once for each way to it. With `..` what lies deeper comes first, as in
 * Upstash's answers: `$..a` of `{"a":1,"b":{"a":2}}` is `[2,1]`.
 */
export function walk(root: Place, segments: readonly Segment[]): Place[] {
  let places = [root];
  for (const { deep, selectors } of segments) {
    const asked = deep ? places.flatMap(deepestFirst) : places;
    places = asked.flatMap((place) =>
      selectors.flatMap((selector) => select(place, selector, root))
    );
  }
  return places;
}

function deepestFirst(place: Place): Place[] {
  return [...children(place).flatMap(deepestFirst), place];
}

function children(place: Place): Place[] {
  const { value } = place;
  if (Array.isArray(value)) return value.flatMap((_, at) => child(place, at));
  return isObject(value) ? Object.keys(value).flatMap((name) => child(place, name)) : [];
}

function child(above: Place, name: string | number): Place[] {
  const parent = above.value as Json[] | JsonObject;
  const value = Array.isArray(parent) ? parent[name as number] : member(parent, String(name));
  return value === undefined ? [] : [{ value, parent, name, above }];
}

function select(place: Place, selector: Selector, root: Place): Place[] {
  const { value } = place;
  switch (selector.kind) {
    case "name":
      return isObject(value) ? child(place, selector.name) : [];
    case "index":
      return Array.isArray(value) ? child(place, position(selector.index, value.length)) : [];
    case "slice":
      return Array.isArray(value)
        ? positions(selector, value.length).flatMap((at) => child(place, at))
        : [];
    case "every":
      return children(place);
    case "filter":
      return children(place).filter((candidate) =>
        passes(
          selector.filter,
          ({ fromRoot, segments }) =>
            walk(fromRoot ? root : candidate, segments).map((found) => found.value),
        )
      );
  }
}

function position(index: number, length: number): number {
  return index < 0 ? length + index : index;
}

function positions(
  { start, end, step }: { start?: number; end?: number; step: number },
  length: number,
): number[] {
  if (step <= 0) return [];
  const within = (index: number) => Math.min(Math.max(position(index, length), 0), length);
  const found: number[] = [];
  for (let at = within(start ?? 0); at < within(end ?? length); at += step) found.push(at);
  return found;
}
