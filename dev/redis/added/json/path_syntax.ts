import type { Json } from "./value.ts";

export interface Path {
  text: string;
  /** A path that does not begin with `$` selects one value and answers without a list around it. */
  legacy: boolean;
  segments: Segment[];
}

export interface Segment {
  /** `..`: the selectors are asked of the value and of everything in it. */
  deep: boolean;
  selectors: Selector[];
}

export type Selector =
  | { kind: "name"; name: string }
  | { kind: "index"; index: number }
  | { kind: "slice"; start?: number; end?: number; step: number }
  | { kind: "every" }
  | { kind: "filter"; filter: Filter };

export type Comparison = "==" | "!=" | "<=" | ">=" | "<" | ">" | "=~";

export type Filter =
  | { kind: "or" | "and"; parts: Filter[] }
  | { kind: "not"; part: Filter }
  | { kind: "exists"; operand: Operand }
  | { kind: "compare"; by: Comparison; left: Operand; right: Operand };

export type Operand =
  | { kind: "value"; value: Json }
  | { kind: "path"; fromRoot: boolean; segments: Segment[] };
