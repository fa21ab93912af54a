import type { Buffer } from "node:buffer";
import type { CommandDefinition } from "js-redis-server/core";
import { builtIn } from "./built_in.ts";
import { integer } from "./replies.ts";

const builtInCopy = builtIn<{ source: Buffer; destination: Buffer }>("copy");

/** Upstash answers 0 to a copy onto itself, where Redis refuses it. */
export const copy: CommandDefinition<{ source: Buffer; destination: Buffer }> = {
  ...builtInCopy,
  execute: (args, ctx) =>
    args.source.equals(args.destination) ? integer(0) : builtInCopy.execute(args, ctx),
};
