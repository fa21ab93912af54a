import { RedisCommandError } from "js-redis-server/core";
import type { Comparison, Filter, Operand, Path, Segment, Selector } from "./path_syntax.ts";
import { parseJson } from "./value.ts";

/** Reads JSONPath, or the older syntax without `$`. @throws RedisCommandError */
export function readPath(text: string): Path {
  const legacy = !text.startsWith("$");
  const input = new Input(legacy ? text : text.slice(1), text);
  if (legacy && text === ".") return { text, legacy, segments: [] };
  if (legacy && !text.startsWith(".") && !text.startsWith("[")) {
    input.rest = `.${input.rest}`;
  }
  const segments = readSegments(input, /^[^.[\]]+/);
  if (input.rest !== "") throw input.broken();
  return { text, legacy, segments };
}

class Input {
  constructor(public rest: string, private readonly whole: string) {}

  /** Takes what matches at this place, together with the white space before it. */
  take(pattern: RegExp | string): string | undefined {
    const trimmed = this.rest.trimStart();
    const found = typeof pattern === "string"
      ? (trimmed.startsWith(pattern) ? pattern : undefined)
      : pattern.exec(trimmed)?.[0];
    if (found !== undefined) this.rest = trimmed.slice(found.length);
    return found;
  }

  expect(word: string) {
    if (this.take(word) === undefined) throw this.broken();
  }

  broken(): RedisCommandError {
    return new RedisCommandError(`invalid JSONPath '${this.whole}' near '${this.rest}'`);
  }
}

function readSegments(input: Input, name: RegExp): Segment[] {
  const segments: Segment[] = [];
  for (;;) {
    const deep = input.rest.startsWith("..");
    if (deep) input.rest = input.rest.slice(2);
    else if (input.rest.startsWith(".")) input.rest = input.rest.slice(1);
    else if (!input.rest.startsWith("[")) return segments;
    segments.push({ deep, selectors: readSelectors(input, name) });
  }
}

function readSelectors(input: Input, name: RegExp): Selector[] {
  if (!input.rest.startsWith("[")) {
    if (input.take("*")) return [{ kind: "every" }];
    const found = name.exec(input.rest)?.[0];
    if (found === undefined) throw input.broken();
    input.rest = input.rest.slice(found.length);
    return [{ kind: "name", name: found }];
  }
  input.expect("[");
  const selectors = [readSelector(input)];
  while (input.take(",")) selectors.push(readSelector(input));
  input.expect("]");
  return selectors;
}

function readSelector(input: Input): Selector {
  if (input.take("*")) return { kind: "every" };
  if (input.take("?")) return { kind: "filter", filter: readAny(input) };
  const name = readQuoted(input);
  if (name !== undefined) return { kind: "name", name };
  const start = readWhole(input);
  if (!input.take(":")) {
    if (start === undefined) throw input.broken();
    return { kind: "index", index: start };
  }
  const end = readWhole(input);
  const step = input.take(":") ? readWhole(input) ?? 1 : 1;
  return { kind: "slice", start, end, step };
}

function readAny(input: Input): Filter {
  const parts = [readEach(input)];
  while (input.take("||")) parts.push(readEach(input));
  return parts.length === 1 && parts[0] ? parts[0] : { kind: "or", parts };
}

function readEach(input: Input): Filter {
  const parts = [readTest(input)];
  while (input.take("&&")) parts.push(readTest(input));
  return parts.length === 1 && parts[0] ? parts[0] : { kind: "and", parts };
}

function readTest(input: Input): Filter {
  if (input.take(/^!(?!=)/)) return { kind: "not", part: readTest(input) };
  if (input.take("(")) {
    const filter = readAny(input);
    input.expect(")");
    return filter;
  }
  const left = readOperand(input);
  const by = input.take(/^(?:==|!=|<=|>=|<|>|=~)/) as Comparison | undefined;
  if (!by) return { kind: "exists", operand: left };
  return { kind: "compare", by, left, right: readOperand(input) };
}

function readOperand(input: Input): Operand {
  const origin = input.take(/^[@$]/);
  if (origin) {
    const segments = readSegments(input, /^[\w\-\u0080-\uffff]+/);
    return { kind: "path", fromRoot: origin === "$", segments };
  }
  const quoted = readQuoted(input);
  if (quoted !== undefined) return { kind: "value", value: quoted };
  const literal = input.take(/^(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/);
  if (literal === undefined) throw input.broken();
  return { kind: "value", value: parseJson(literal) };
}

function readQuoted(input: Input): string | undefined {
  const quoted = input.take(/^(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/);
  return quoted?.slice(1, -1).replaceAll(
    /\\(.)/g,
    (whole, character) => `'"\\/`.includes(character) ? character : whole,
  );
}

function readWhole(input: Input): number | undefined {
  const digits = input.take(/^-?\d+/);
  return digits === undefined ? undefined : Number(digits);
}
