import type { Buffer } from "node:buffer";
import { ExpectedIntegerError, RedisCommandError, RedisValue } from "js-redis-server/core";
import { rawCommand } from "../raw_command.ts";
import { text } from "../replies.ts";
import { changeEach, type Outcome, readEach } from "./per_place.ts";
import { type Json, parseJson, sameJson, writeJson } from "./value.ts";

interface ArrayCommand {
  name: string;
  min: number;
  max?: number;
  /** What the arguments behind key and path ask of an array. */
  prepare: (args: Buffer[]) => (array: Json[]) => Outcome;
}

function changes({ name, min, max, prepare }: ArrayCommand) {
  return rawCommand({
    name,
    min,
    max,
    write: true,
    run: ([key, path, ...args], ctx) => {
      const visit = onArrays(prepare(args));
      return changeEach({ key: key as Buffer, path: path?.toString(), expected, visit }, ctx);
    },
  });
}

const expected = "array";

function onArrays(visit: (array: Json[]) => Outcome) {
  return (value: Json) => Array.isArray(value) ? visit(value) : undefined;
}

const arrappend = changes({
  name: "json.arrappend",
  min: 3,
  prepare: (args) => {
    const values = args.map(parseJson);
    return (array) => resized([...array, ...structuredClone(values)]);
  },
});

const arrinsert = changes({
  name: "json.arrinsert",
  min: 4,
  prepare: ([index, ...args]) => {
    const values = args.map(parseJson);
    const wanted = readIndex(index, 0);
    return (array) => {
      const at = wanted < 0 ? array.length + wanted : wanted;
      if (at < 0 || at > array.length) throw new RedisCommandError("index out of bounds");
      return resized(array.toSpliced(at, 0, ...structuredClone(values)));
    };
  },
});

const arrtrim = changes({
  name: "json.arrtrim",
  min: 4,
  max: 4,
  prepare: ([start, stop]) => {
    const [from, to] = [readIndex(start, 0), readIndex(stop, -1)];
    return (array) => {
      const first = Math.max(from < 0 ? array.length + from : from, 0);
      const last = to < 0 ? array.length + to : to;
      return resized(array.slice(first, Math.max(last + 1, 0)));
    };
  },
});

const arrpop = changes({
  name: "json.arrpop",
  min: 1,
  max: 3,
  prepare: ([index]) => {
    const wanted = readIndex(index, -1);
    return (array) => {
      if (array.length === 0) return { reply: RedisValue.null() };
      const from = wanted < 0 ? array.length + wanted : wanted;
      const at = Math.min(Math.max(from, 0), array.length - 1);
      return { reply: text(writeJson(array[at] ?? null)), next: array.toSpliced(at, 1) };
    };
  },
});

const arrlen = rawCommand({
  name: "json.arrlen",
  min: 1,
  max: 2,
  run: ([key, path], ctx) => {
    const visit = onArrays((array) => ({ reply: RedisValue.integer(array.length) }));
    return readEach({ key: key as Buffer, path: path?.toString(), expected, visit }, ctx);
  },
});

const arrindex = rawCommand({
  name: "json.arrindex",
  min: 3,
  max: 5,
  run: ([key, path, value, start, stop], ctx) => {
    const wanted = parseJson(String(value));
    const [from, to] = [readIndex(start, 0), readIndex(stop, 0)];
    const visit = onArrays((array) => ({
      reply: RedisValue.integer(indexWithin(array, wanted, from, to)),
    }));
    return readEach({ key: key as Buffer, path: path?.toString(), expected, visit }, ctx);
  },
});

/** Commands on the arrays that a path selects. */
export const arrayCommands = [arrappend, arrindex, arrinsert, arrlen, arrpop, arrtrim];

/** `to` is exclusive, and 0 stands for the end. */
function indexWithin(array: Json[], wanted: Json, from: number, to: number): number {
  const first = Math.max(from < 0 ? array.length + from : from, 0);
  const end = to === 0 ? array.length : to < 0 ? array.length + to : Math.min(to, array.length);
  const found = array.slice(first, end).findIndex((item) => sameJson(item, wanted));
  return found < 0 ? -1 : first + found;
}

function resized(array: Json[]): Outcome {
  return { reply: RedisValue.integer(array.length), next: array };
}

/** @throws ExpectedIntegerError */
function readIndex(word: Buffer | undefined, otherwise: number): number {
  if (!word) return otherwise;
  if (!/^-?\d+$/.test(word.toString())) throw new ExpectedIntegerError();
  return Number(word.toString());
}
