import type { Buffer } from "node:buffer";
import { RedisCommandError, RedisResult, RedisValue } from "js-redis-server/core";
import { rawCommand } from "../raw_command.ts";
import { text } from "../replies.ts";
import { applyEach, changeEach, type Outcome } from "./per_place.ts";
import { type Json, parseJson, writeJson } from "./value.ts";

type Whole = number | bigint;

const numincrby = arithmetic("json.numincrby", (left, right) => left + right, (a, b) => a + b);
const nummultby = arithmetic("json.nummultby", (left, right) => left * right, (a, b) => a * b);

/** Answers JSON text: a list for a JSONPath, in which null stands for what is no number. */
function arithmetic(
  name: string,
  calculate: (left: number, right: number) => number,
  calculateWhole: (left: bigint, right: bigint) => bigint,
) {
  return rawCommand({
    name,
    min: 3,
    max: 3,
    write: true,
    run: ([key, path, operand], ctx) => {
      const by = parseJson(String(operand));
      if (!isNumber(by)) throw new RedisCommandError("expected a number");
      const results: (Json | null)[] = [];
      const visit = (value: Json): Outcome | undefined => {
        if (!isNumber(value)) return void results.push(null);
        const next = isWhole(value) && isWhole(by)
          ? narrowed(calculateWhole(BigInt(value), BigInt(by)))
          : calculate(Number(value), Number(by));
        if (typeof next === "number" && !Number.isFinite(next)) {
          throw new RedisCommandError("result is not a number");
        }
        results.push(next);
        return { reply: RedisValue.null(), next };
      };
      const target = { key: key as Buffer, path: path?.toString(), expected: "a number", visit };
      const { path: read } = applyEach(target, ctx);
      const result = read.legacy ? results.findLast((item) => item !== null) ?? null : results;
      return RedisResult.create(text(writeJson(result)));
    },
  });
}

function isNumber(value: Json): value is Whole {
  return typeof value === "number" || typeof value === "bigint";
}

function isWhole(value: Whole): boolean {
  return typeof value === "bigint" || Number.isSafeInteger(value);
}

function narrowed(value: bigint): Whole {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

const strappend = rawCommand({
  name: "json.strappend",
  min: 2,
  max: 3,
  write: true,
  run: ([key, ...rest], ctx) => {
    const path = rest.length > 1 ? rest[0]?.toString() : ".";
    const suffix = parseJson(String(rest.at(-1)));
    if (typeof suffix !== "string") throw new RedisCommandError("expected a string");
    const visit = (value: Json): Outcome | undefined => {
      if (typeof value !== "string") return undefined;
      const next = value + suffix;
      return { reply: RedisValue.integer(sizeBytes(next)), next };
    };
    return changeEach({ key: key as Buffer, path, expected: "string", visit }, ctx);
  },
});

const toggle = rawCommand({
  name: "json.toggle",
  min: 2,
  max: 2,
  write: true,
  run: ([key, path], ctx) => {
    const legacy = !path?.toString().startsWith("$");
    const visit = (value: Json): Outcome | undefined => {
      if (typeof value !== "boolean") return undefined;
      const reply = legacy ? text(String(!value)) : RedisValue.integer(value ? 0 : 1);
      return { reply, next: !value };
    };
    const target = { key: key as Buffer, path: path?.toString(), expected: "boolean", visit };
    return changeEach(target, ctx);
  },
});

/** Commands that change numbers, strings and booleans. */
export const scalarCommands = [numincrby, nummultby, strappend, toggle];

export function sizeBytes(value: string): number {
  return new TextEncoder().encode(value).length;
}
