import type { Buffer } from "node:buffer";
import {
  type CommandDefinition,
  type CommandFlag,
  defineCommand,
  type RedisExecutionContext,
  type RedisResult,
  t,
  WrongNumberOfArgumentsError,
} from "js-redis-server/core";

interface RawCommand {
  name: string;
  /** How many arguments there must be, key included. */
  min: number;
  max?: number;
  write?: boolean;
  /** The keys among the arguments; the first argument where this is left out. */
  keys?: (args: Buffer[]) => Buffer[];
  run: (args: Buffer[], ctx: RedisExecutionContext) => RedisResult;
}

/** A command that reads its arguments itself. */
export function rawCommand(
  { name, min, max = Infinity, write, keys, run }: RawCommand,
): CommandDefinition<Buffer[]> {
  const flags: CommandFlag[] = write ? ["write", "denyoom"] : ["readonly"];
  return defineCommand({
    name,
    flags,
    schema: t.custom((input) => {
      const tooFewOrMany = input.length < min || input.length > max;
      if (tooFewOrMany) throw new WrongNumberOfArgumentsError(name);
      return { value: [...input], nextIndex: input.length };
    }),
    keys: keys ?? ((args) => args.slice(0, 1)),
    execute: run,
  });
}
