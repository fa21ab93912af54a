import type { Buffer } from "node:buffer";
import { RedisCommandError } from "js-redis-server/core";

/** A JSON value; whole numbers that a double cannot hold are bigints. */
export type Json = null | boolean | number | bigint | string | Json[] | JsonObject;

export interface JsonObject {
  [name: string]: Json;
}

export interface Layout {
  indent: string;
  newline: string;
  space: string;
}

const compact: Layout = { indent: "", newline: "", space: "" };

/** @throws RedisCommandError */
export function parseJson(text: Buffer | string): Json {
  try {
    return JSON.parse(text.toString(), exactly);
  } catch (cause) {
    throw new RedisCommandError(`invalid JSON: ${(cause as Error).message}`);
  }
}

/** TypeScript's library does not know the third argument yet, which is the number as it was written. */
function exactly(_name: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  return /^-?\d+$/.test(context?.source ?? "") ? BigInt(context?.source ?? "") : value;
}

export function writeJson(value: Json, layout: Layout = compact, depth = 0): string {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const { indent, newline, space } = layout;
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const inner = Array.isArray(value)
    ? value.map((item) => writeJson(item, layout, depth + 1))
    : Object.entries(value).map(([name, item]) =>
      `${JSON.stringify(name)}:${space}${writeJson(item, layout, depth + 1)}`
    );
  if (inner.length === 0) return `${open}${close}`;
  const lines = inner.map((item) => `${newline}${indent.repeat(depth + 1)}${item}`);
  return `${open}${lines.join(",")}${newline}${indent.repeat(depth)}${close}`;
}

export type JsonType = "object" | "array" | "string" | "integer" | "number" | "boolean" | "null";

export function typeOf(value: Json): JsonType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "bigint") return "integer";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value as "object" | "string" | "boolean";
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Names such as `__proto__` are names like any other. */
export function setMember(object: JsonObject, name: string, value: Json) {
  Object.defineProperty(object, name, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}

export function member(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

export function sameJson(left: Json, right: Json): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length &&
      left.every((item, at) => sameJson(item, right[at] ?? null));
  }
  if (isObject(left) && isObject(right)) {
    const names = Object.keys(left);
    return names.length === Object.keys(right).length &&
      names.every((name) => {
        const other = member(right, name);
        return other !== undefined && sameJson(left[name] ?? null, other);
      });
  }
  return left === right;
}

/** Merges as RFC 7396 says. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged: JsonObject = isObject(target) ? target : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else setMember(merged, name, mergePatch(member(merged, name), value));
  }
  return merged;
}
