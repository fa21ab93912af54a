import type { Comparison, Filter, Operand } from "./path_syntax.ts";
import { type Json, sameJson } from "./value.ts";

/** How a filter follows the paths in it; given by who walks the document. */
export type Follow = (operand: Operand & { kind: "path" }) => Json[];

export function passes(filter: Filter, follow: Follow): boolean {
  switch (filter.kind) {
    case "or":
      return filter.parts.some((part) => passes(part, follow));
    case "and":
      return filter.parts.every((part) => passes(part, follow));
    case "not":
      return !passes(filter.part, follow);
    case "exists":
      return valueOf(filter.operand, follow) !== undefined;
    case "compare":
      return compares(filter.by, valueOf(filter.left, follow), valueOf(filter.right, follow));
  }
}

function valueOf(operand: Operand, follow: Follow): Json | undefined {
  return operand.kind === "value" ? operand.value : follow(operand)[0];
}

/** Values of different kinds are different, and neither is less than the other. */
function compares(by: Comparison, left: Json | undefined, right: Json | undefined): boolean {
  if (left === undefined || right === undefined) return by === "!=" && left !== right;
  if (by === "==") return sameJson(left, right);
  if (by === "!=") return !sameJson(left, right);
  if (by === "=~") return matches(left, right);
  if (!isOrdered(left) || !isOrdered(right) || isText(left) !== isText(right)) return false;
  if (by === "<") return left < right;
  if (by === "<=") return left <= right;
  return by === ">" ? left > right : left >= right;
}

function isOrdered(value: Json): value is number | bigint | string {
  return typeof value === "number" || typeof value === "bigint" || typeof value === "string";
}

function isText(value: Json): boolean {
  return typeof value === "string";
}

function matches(value: Json, pattern: Json): boolean {
  if (typeof value !== "string" || typeof pattern !== "string") return false;
  const ignoresCase = pattern.startsWith("(?i)");
  try {
    return new RegExp(ignoresCase ? pattern.slice(4) : pattern, ignoresCase ? "i" : "").test(value);
  } catch {
    return false;
  }
}
