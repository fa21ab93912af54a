import type { Buffer } from "node:buffer";
import {
  RedisCommandError,
  type RedisExecutionContext,
  RedisResult,
  RedisValue,
} from "js-redis-server/core";
import { placesAt, readDocument, replaceAt, requireDocument, writeDocument } from "./document.ts";
import { readPath } from "./path_reader.ts";
import type { Path } from "./path_syntax.ts";
import { type Json, type JsonType, typeOf } from "./value.ts";

/** What becomes of one value: what is answered for it, and what stands there afterwards where that changes. */
export interface Outcome {
  reply: RedisValue;
  next?: Json;
}

export interface Visit {
  key: Buffer;
  path: string | undefined;
  /** What the value must be; undefined answers null for it. */
  expected: string;
  visit: (value: Json) => Outcome | undefined;
}

/** Reads, answering null where there is no such key. */
export function readEach(visit: Visit, ctx: RedisExecutionContext): RedisResult {
  const document = readDocument(ctx.db, visit.key);
  if (!document) return RedisResult.nil();
  const { path, replies } = visitEach(visit, document);
  return answer(path, replies);
}

/** Changes each value that the path selects. @throws RedisCommandError where there is no such key */
export function changeEach(visit: Visit, ctx: RedisExecutionContext): RedisResult {
  const { path, replies } = applyEach(visit, ctx);
  return answer(path, replies);
}

export function applyEach(visit: Visit, ctx: RedisExecutionContext) {
  const document = requireDocument(ctx.db, visit.key);
  const visited = visitEach(visit, document);
  if (visited.changed) writeDocument(ctx.db, visit.key, document);
  return visited;
}

function visitEach({ path: text, expected, visit }: Visit, document: [Json]) {
  const path = readPath(text ?? ".");
  const places = placesAt(document, path.segments);
  const outcomes = places.map((place) => ({ place, outcome: visit(place.value) }));
  if (path.legacy) requireOne(path, outcomes, expected);
  const changes = outcomes.filter(({ outcome }) => outcome?.next !== undefined);
  for (const { place, outcome } of changes) replaceAt(place, outcome?.next ?? null);
  const replies = outcomes.map(({ outcome }) => outcome?.reply ?? RedisValue.null());
  return { path, replies, changed: changes.length > 0 };
}

/** @throws RedisCommandError */
function requireOne(
  path: Path,
  outcomes: { place: { value: Json }; outcome: Outcome | undefined }[],
  expected: string,
) {
  const [first] = outcomes;
  if (!first) throw new RedisCommandError(`Path '${path.text}' does not exist`);
  if (outcomes.some(({ outcome }) => outcome)) return;
  const found: JsonType = typeOf(first.place.value);
  throw new RedisCommandError(
    `wrong type of path value - expected ${expected} but found ${found}`,
    "WRONGTYPE",
  );
}

function answer({ legacy }: Path, replies: RedisValue[]): RedisResult {
  const value = legacy ? lastOf(replies) : RedisValue.array(replies);
  return RedisResult.create(value);
}

/** A path of the older kind that selects several values answers for one of them. */
function lastOf(replies: RedisValue[]): RedisValue {
  return replies.findLast(({ kind }) => kind !== "null") ?? RedisValue.null();
}
