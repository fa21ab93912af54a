import { Buffer } from "node:buffer";
import { RedisCommandError, type RedisDatabase } from "js-redis-server/core";
import { readHidden, writeHidden } from "../hidden_types.ts";
import type { Path, Segment } from "./path_syntax.ts";
import { type Place, walk } from "./path_walk.ts";
import { isObject, type Json, type JsonObject, parseJson, setMember, writeJson } from "./value.ts";

/** A document while a command works on it: the root is the one item of a list, so that it can be replaced as well. */
export type Document = [Json];

/** @throws WrongTypeRedisError */
export function readDocument(db: RedisDatabase, key: Buffer): Document | null {
  const text = readHidden(db, key, "json")?.[0];
  return text ? [parseJson(text)] : null;
}

/** @throws RedisCommandError when there is none */
export function requireDocument(db: RedisDatabase, key: Buffer): Document {
  const document = readDocument(db, key);
  if (document) return document;
  throw new RedisCommandError("could not perform this operation on a key that doesn't exist");
}

export function writeDocument(db: RedisDatabase, key: Buffer, [root]: Document) {
  writeHidden(db, key, "json", [Buffer.from(writeJson(root))]);
}

export function placesAt(document: Document, segments: readonly Segment[]): Place[] {
  return walk({ value: document[0], parent: document, name: 0 }, segments);
}

export function replaceAt({ parent, name }: Place, value: Json) {
  if (Array.isArray(parent)) parent[name as number] = value;
  else setMember(parent, String(name), value);
}

/**
 * Adds the one missing child that the end of a path names, to every object the rest of the path selects, or to an
 * array at its end. Says whether there was a place for it.
 */
export function addAt(document: Document, { segments }: Path, value: () => Json): boolean {
  const last = segments.at(-1);
  const selector = last?.selectors[0];
  if (!last || !selector || last.deep || last.selectors.length > 1) return false;
  let added = false;
  for (const { value: parent } of placesAt(document, segments.slice(0, -1))) {
    if (selector.kind === "name" && isObject(parent)) setMember(parent, selector.name, value());
    else if (selector.kind === "index" && isNextIndex(parent, selector.index)) parent.push(value());
    else continue;
    added = true;
  }
  return added;
}

function isNextIndex(parent: Json, index: number): parent is Json[] {
  return Array.isArray(parent) && parent.length === index;
}

/** Removes the places and returns how many, not counting those within another one. */
export function removeAt(places: readonly Place[]): number {
  const gone = new Map<Json[] | JsonObject, Set<string | number>>();
  for (const { parent, name } of places) {
    gone.set(parent, (gone.get(parent) ?? new Set()).add(name));
  }
  const isGone = (place: Place | undefined): boolean =>
    place !== undefined &&
    (gone.get(place.parent)?.has(place.name) === true || isGone(place.above));
  const outermost = places.filter(({ above }) => !isGone(above)).length;
  for (const [parent, names] of gone) {
    if (Array.isArray(parent)) {
      for (const at of [...names].map(Number).sort((a, b) => b - a)) parent.splice(at, 1);
    } else for (const name of names) delete parent[name];
  }
  return outermost;
}
