import type { Buffer } from "node:buffer";
import {
  type CommandDefinition,
  type RedisExecutionContext,
  RedisResult,
  RedisValue,
} from "js-redis-server/core";
import { builtIn } from "./built_in.ts";
import { text } from "./replies.ts";

interface FunctionArgs {
  subcommand: string;
  rest: Buffer[];
}

const builtInFunction = builtIn<FunctionArgs>("function");

/** FUNCTION with the descriptions of functions, which the store drops. */
export const functionCommand: CommandDefinition<FunctionArgs> = {
  ...builtInFunction,
  execute: (args, ctx) => {
    const reply = builtInFunction.execute(args, ctx);
    if (args.subcommand.toLowerCase() !== "list" || !(reply instanceof RedisResult)) return reply;
    return RedisResult.create(describe(reply.value, descriptions(ctx)));
  },
};

function descriptions({ server }: RedisExecutionContext): Map<string, string> {
  const found = new Map<string, string>();
  for (const { code } of server.functionRegistry.list()) {
    for (const registration of code.toString().split("register_function").slice(1)) {
      const name = readField(registration, "function_name");
      const description = readField(registration, "description");
      if (name !== undefined && description !== undefined) found.set(name, description);
    }
  }
  return found;
}

function readField(lua: string, field: string): string | undefined {
  const [, , value] = new RegExp(`\\b${field}\\s*=\\s*(["'])(.*?)\\1`).exec(lua) ?? [];
  return value;
}

/** Fills `description` wherever it stands in a reply of names and values in turn. */
function describe(value: RedisValue, known: Map<string, string>): RedisValue {
  if (value.kind !== "array") return value;
  const items = value.items.map((item) => describe(item, known));
  const description = known.get(valueAfter(items, "name") ?? "");
  const at = items.findIndex((item) => wordOf(item) === "description");
  if (at >= 0 && description !== undefined) items[at + 1] = text(description);
  return RedisValue.array(items);
}

function valueAfter(items: RedisValue[], word: string): string | undefined {
  const at = items.findIndex((item) => wordOf(item) === word);
  return at < 0 ? undefined : wordOf(items[at + 1]);
}

function wordOf(item: RedisValue | undefined): string | undefined {
  return item?.kind === "bulk-string" ? item.value?.toString() : undefined;
}
