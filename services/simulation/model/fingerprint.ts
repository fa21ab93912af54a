/** A short name for a program, to keep results of different programs apart. Not cryptographic. */
import type { PlanProgram } from "./program.ts";

/** 16 hexadecimal digits; equal for programs that differ in the order of their keys alone. */
export function fingerprint(program: PlanProgram): string {
  const text = sortedJson(program);
  // Two FNV-1a hashes with different bases and multipliers.
  let first = 0x811c9dc5, second = 0x2b992ddf;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    first = Math.imul(first ^ code, 0x01000193);
    second = Math.imul(second ^ code, 0x85ebca6b);
    second ^= second >>> 15;
  }
  return hex(first) + hex(second);
}

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => a < b ? -1 : 1));
  });
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
