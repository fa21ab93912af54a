import type { Buffer } from "node:buffer";
import {
  RedisCommandError,
  type RedisExecutionContext,
  RedisResult,
  RedisSyntaxError,
  RedisValue,
  WrongNumberOfArgumentsError,
} from "js-redis-server/core";
import { rawCommand } from "../raw_command.ts";
import { integer, text } from "../replies.ts";
import {
  addAt,
  type Document,
  placesAt,
  readDocument,
  removeAt,
  replaceAt,
  writeDocument,
} from "./document.ts";
import { readPath } from "./path_reader.ts";
import type { Path } from "./path_syntax.ts";
import { isObject, type Json, mergePatch, parseJson, writeJson } from "./value.ts";

type Condition = "NX" | "XX" | undefined;

const set = rawCommand({
  name: "json.set",
  min: 3,
  max: 4,
  write: true,
  run: ([key, path, value, condition], ctx) => {
    if (!key || !value) throw new WrongNumberOfArgumentsError("json.set");
    const word = condition?.toString().toUpperCase();
    if (word !== undefined && word !== "NX" && word !== "XX") throw new RedisSyntaxError();
    const document = readDocument(ctx.db, key);
    const next = place(document, readPath(String(path)), parseJson(value), word);
    if (!next) return RedisResult.nil();
    writeDocument(ctx.db, key, next);
    return RedisResult.ok();
  },
});

/** The document with the value in each place of the path, or null where nothing is to be written. */
function place(
  document: Document | null,
  path: Path,
  value: Json,
  condition?: Condition,
): Document | null {
  if (!document) {
    requireRoot(path);
    return condition === "XX" ? null : [value];
  }
  const places = placesAt(document, path.segments);
  const stands = places.length > 0;
  if (condition === (stands ? "NX" : "XX")) return null;
  for (const found of places) replaceAt(found, structuredClone(value));
  return stands || addAt(document, path, () => structuredClone(value)) ? document : null;
}

function requireRoot({ segments }: Path) {
  if (segments.length === 0) return;
  throw new RedisCommandError("new objects must be created at the root");
}

const mset = rawCommand({
  name: "json.mset",
  min: 3,
  write: true,
  keys: (args) => args.filter((_, at) => at % 3 === 0),
  run: (args, ctx) => {
    if (args.length % 3 !== 0) throw new WrongNumberOfArgumentsError("json.mset");
    const documents = new Map<string, { key: Buffer; document: Document | null }>();
    for (let at = 0; at < args.length; at += 3) {
      const [key, path, value] = args.slice(at, at + 3) as [Buffer, Buffer, Buffer];
      const id = key.toString("hex");
      const { document } = documents.get(id) ?? { document: readDocument(ctx.db, key) };
      const next = place(document, readPath(String(path)), parseJson(value)) ?? document;
      documents.set(id, { key, document: next });
    }
    // Only now, when nothing can be refused any more: all of it is written or none.
    for (const { key, document } of documents.values()) {
      if (document) writeDocument(ctx.db, key, document);
    }
    return RedisResult.ok();
  },
});

const merge = rawCommand({
  name: "json.merge",
  min: 3,
  max: 3,
  write: true,
  run: ([key, pathText, value], ctx) => {
    if (!key || !value) throw new WrongNumberOfArgumentsError("json.merge");
    const path = readPath(String(pathText));
    const patch = parseJson(value);
    const document = readDocument(ctx.db, key);
    if (!document) requireRoot(path);
    const merged: Document = document ?? [mergePatch(undefined, patch)];
    const places = document ? placesAt(document, path.segments) : [];
    if (patch === null && path.segments.length > 0) removeAt(places);
    else if (places.length > 0) { for (const found of places) mergeInto(found, patch); }
    else if (document) addAt(document, path, () => mergePatch(undefined, structuredClone(patch)));
    writeDocument(ctx.db, key, merged);
    return RedisResult.ok();
  },
});

function mergeInto(found: Parameters<typeof replaceAt>[0], patch: Json) {
  replaceAt(found, mergePatch(found.value, structuredClone(patch)));
}

const get = rawCommand({
  name: "json.get",
  min: 1,
  run: ([key, ...words], ctx) => {
    const document = key ? readDocument(ctx.db, key) : null;
    if (!document) return RedisResult.nil();
    const layout = { indent: "", newline: "", space: "" };
    while (isLayoutWord(words[0])) {
      const [name, value] = words.splice(0, 2);
      layout[String(name).toLowerCase() as keyof typeof layout] = value?.toString() ?? "";
    }
    const paths = words.map((word) => readPath(word.toString()));
    const listed = paths.some(({ legacy }) => !legacy);
    const found = paths.map((path) => valueAt(document, path, listed));
    const value = paths.length > 1
      ? Object.fromEntries(paths.map((path, at) => [path.text, found[at] ?? null]))
      : found[0] ?? document[0];
    return RedisResult.create(
      text(writeJson(paths.length === 1 ? found[0] ?? null : value, layout)),
    );
  },
});

function isLayoutWord(word: Buffer | undefined): boolean {
  return ["INDENT", "NEWLINE", "SPACE"].includes(word?.toString().toUpperCase() ?? "");
}

/** @throws RedisCommandError when an older path selects nothing */
function valueAt(document: Document, path: Path, listed: boolean): Json {
  const values = placesAt(document, path.segments).map(({ value }) => value);
  if (listed) return values;
  const [value] = values;
  if (value === undefined) throw new RedisCommandError(`Path '${path.text}' does not exist`);
  return value;
}

const mget = rawCommand({
  name: "json.mget",
  min: 2,
  keys: (args) => args.slice(0, -1),
  run: (args, ctx) => {
    const path = readPath(String(args.at(-1)));
    const items = args.slice(0, -1).map((key) => {
      const document = readDocumentOrNull(ctx, key);
      const values = document && placesAt(document, path.segments).map(({ value }) => value);
      if (!values || (path.legacy && values.length === 0)) return RedisValue.null();
      return text(writeJson(path.legacy ? values[0] ?? null : values));
    });
    return RedisResult.create(RedisValue.array(items));
  },
});

/** As with MGET, a key of another type counts as absent. */
function readDocumentOrNull(ctx: RedisExecutionContext, key: Buffer): Document | null {
  try {
    return readDocument(ctx.db, key);
  } catch {
    return null;
  }
}

function remove(name: string) {
  return rawCommand({
    name,
    min: 1,
    max: 2,
    write: true,
    run: ([key, pathText], ctx) => {
      const document = key ? readDocument(ctx.db, key) : null;
      if (!key || !document) return integer(0);
      const { segments } = readPath(pathText?.toString() ?? "$");
      if (segments.length === 0) return integer(ctx.db.delete(key) ? 1 : 0);
      const removed = removeAt(placesAt(document, segments));
      if (removed > 0) writeDocument(ctx.db, key, document);
      return integer(removed);
    },
  });
}

const clear = rawCommand({
  name: "json.clear",
  min: 1,
  max: 2,
  write: true,
  run: ([key, pathText], ctx) => {
    const document = key ? readDocument(ctx.db, key) : null;
    if (!key || !document) {
      throw new RedisCommandError("could not perform this operation on a key that doesn't exist");
    }
    const places = placesAt(document, readPath(pathText?.toString() ?? "$").segments);
    const full = places.filter(({ value }) => emptied(value) !== undefined);
    for (const found of full) replaceAt(found, emptied(found.value) ?? null);
    if (full.length > 0) writeDocument(ctx.db, key, document);
    return integer(full.length);
  },
});

/** What is left of a value that can be emptied and is not empty. */
function emptied(value: Json): Json | undefined {
  if (Array.isArray(value)) return value.length > 0 ? [] : undefined;
  if (isObject(value)) return Object.keys(value).length > 0 ? {} : undefined;
  const isNumber = typeof value === "number" || typeof value === "bigint";
  return isNumber && value !== 0 ? 0 : undefined;
}

/** Commands that write, read or remove whole values of a document. */
export const wholeCommands = [
  set,
  mset,
  merge,
  get,
  mget,
  remove("json.del"),
  remove("json.forget"),
  clear,
];
