import type { Buffer } from "node:buffer";
import { RedisCommandError, RedisResult, RedisSyntaxError, RedisValue } from "js-redis-server/core";
import { rawCommand } from "../raw_command.ts";
import { integer, text } from "../replies.ts";
import { indexValue, pairs } from "./replies.ts";
import { lastIndex, occupied, readIndex, readOrEmpty } from "./sparse_array.ts";

type Test = (value: string) => boolean;

interface Search {
  patterns: { kind: string; pattern: string }[];
  every: boolean;
  ignoreCase: boolean;
  withValues: boolean;
  limit: number;
}

const kinds = new Set(["EXACT", "MATCH", "GLOB", "RE"]);

const argrep = rawCommand({
  name: "argrep",
  min: 5,
  run: ([key, start, end, ...words], ctx) => {
    const search = readSearch(words);
    const tests = search.patterns.map(({ kind, pattern }) =>
      createTest(kind, pattern, search.ignoreCase)
    );
    const array = readOrEmpty(ctx.db, key as Buffer);
    const found = occupied(array, readBound(start), readBound(end)).filter(([, value]) => {
      const passes = (test: Test) => test(value.toString());
      return search.every ? tests.every(passes) : tests.some(passes);
    }).slice(0, search.limit);
    if (search.withValues) return pairs(found);
    return RedisResult.create(RedisValue.array(found.map(([index]) => indexValue(index))));
  },
});

/** @throws RedisCommandError */
function readSearch(words: Buffer[]): Search {
  const search: Search = {
    patterns: [],
    every: false,
    ignoreCase: false,
    withValues: false,
    limit: Infinity,
  };
  for (let at = 0; at < words.length; at++) {
    const word = String(words[at]).toUpperCase();
    const value = words[at + 1];
    if (word === "AND" || word === "OR") search.every = word === "AND";
    else if (word === "NOCASE") search.ignoreCase = true;
    else if (word === "WITHVALUES") search.withValues = true;
    else if (!value) throw new RedisSyntaxError();
    else {
      if (word === "LIMIT") search.limit = Number(readIndex(value));
      else if (kinds.has(word)) search.patterns.push({ kind: word, pattern: value.toString() });
      else throw new RedisSyntaxError();
      at += 1;
    }
  }
  if (search.patterns.length === 0) throw new RedisSyntaxError();
  return search;
}

function createTest(kind: string, pattern: string, ignoreCase: boolean): Test {
  const source = kind === "RE" ? pattern : kind === "GLOB" ? globSource(pattern) : literal(pattern);
  const whole = kind === "EXACT" || kind === "GLOB" ? `^(?:${source})$` : source;
  try {
    const regex = new RegExp(whole, ignoreCase ? "is" : "s");
    return (value) => regex.test(value);
  } catch {
    throw new RedisCommandError("invalid regular expression");
  }
}

function globSource(pattern: string): string {
  return pattern.replaceAll(/\\(.)|\[\^?[^\]]*\]|[^]/g, (part, escaped?: string) => {
    if (escaped !== undefined) return literal(escaped);
    if (part === "*") return ".*";
    if (part === "?") return ".";
    return part.length > 1 ? part : literal(part);
  });
}

function literal(pattern: string): string {
  return pattern.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

const arop = rawCommand({
  name: "arop",
  min: 4,
  max: 5,
  run: ([key, start, end, operation, wanted], ctx) => {
    const array = readOrEmpty(ctx.db, key as Buffer);
    const values = occupied(array, readIndex(start), readIndex(end)).map(([, value]) => value);
    const word = String(operation).toUpperCase();
    if (word === "MATCH" ? !wanted : wanted) throw new RedisSyntaxError();
    if (word === "USED") return integer(values.length);
    if (wanted) return integer(values.filter((value) => value.equals(wanted)).length);
    const numbers = values.map(String).filter(isNumber);
    if (!(word in folds || word in bitwise)) throw new RedisSyntaxError();
    if (numbers.length === 0) return RedisResult.nil();
    const fold = folds[word];
    if (fold) return RedisResult.create(text(String(numbers.map(Number).reduce(fold))));
    return integer(BigInt.asIntN(64, numbers.map(truncated).reduce(bitwise[word] ?? ((a) => a))));
  },
});

const folds: Record<string, (a: number, b: number) => number> = {
  SUM: (a, b) => a + b,
  MIN: (a, b) => Math.min(a, b),
  MAX: (a, b) => Math.max(a, b),
};

const bitwise: Record<string, (a: bigint, b: bigint) => bigint> = {
  AND: (a, b) => a & b,
  OR: (a, b) => a | b,
  XOR: (a, b) => a ^ b,
};

/** Commands that look at all values within bounds. */
export const searchCommands = [argrep, arop];

function isNumber(value: string): boolean {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(value);
}

function truncated(value: string): bigint {
  return /^[+-]?\d+$/.test(value) ? BigInt(value) : BigInt(Math.trunc(Number(value)));
}

function readBound(word: Buffer | undefined): bigint {
  const sign = word?.toString();
  if (sign === "-") return 0n;
  return sign === "+" ? lastIndex : readIndex(word);
}
