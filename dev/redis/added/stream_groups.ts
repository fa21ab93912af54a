import type { Buffer } from "node:buffer";
import {
  type CommandDefinition,
  RedisCommandError,
  type RedisExecutionContext,
} from "js-redis-server/core";
import { builtIn } from "./built_in.ts";
import { integer } from "./replies.ts";

interface GroupArgs {
  args: { subcommand: string; key: Buffer };
}

interface ReadArgs {
  args: { group: Buffer; consumer: Buffer; noack: boolean; streams: { key: Buffer }[] };
}

interface AckArgs {
  key: Buffer;
  group: Buffer;
}

const builtInXack = builtIn<AckArgs>("xack");
const builtInXgroup = builtIn<GroupArgs>("xgroup");
const builtInXreadgroup = builtIn<ReadArgs>("xreadgroup");

const xgroup: CommandDefinition<GroupArgs> = {
  ...builtInXgroup,
  execute: (command, ctx) => {
    const { subcommand, key } = command.args;
    if (subcommand === "destroy" && ctx.db.getType(key) === null) {
      throw new RedisCommandError(
        "The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to " +
          "use the MKSTREAM option to create an empty stream automatically.",
      );
    }
    return builtInXgroup.execute(command, ctx);
  },
};

/** In Upstash, reading without acknowledgement leaves no trace of a consumer that was not known before. */
const xreadgroup: CommandDefinition<ReadArgs> = {
  ...builtInXreadgroup,
  execute: (command, ctx) => {
    const { noack, streams } = command.args;
    const unknown = noack ? streams.filter(({ key }) => !knows(ctx, key, command)) : [];
    const reply = builtInXreadgroup.execute(command, ctx);
    for (const { key } of unknown) {
      ctx.db.updateStream(key, ({ value }) => {
        consumersOf(value.groups, command)?.delete(command.args.consumer.toString("hex"));
      });
    }
    return reply;
  },
};

/** Where there is no such stream or group there is nothing to acknowledge, which is no error. */
const xack: CommandDefinition<AckArgs> = {
  ...builtInXack,
  execute: (args, ctx) => {
    const known = ctx.db.getStream(args.key)?.groups.has(args.group.toString("hex"));
    return known ? builtInXack.execute(args, ctx) : integer(0);
  },
};

export const streamGroupCommands = [xack, xgroup, xreadgroup];

function knows(ctx: RedisExecutionContext, key: Buffer, command: ReadArgs): boolean {
  const groups = ctx.db.getStream(key)?.groups;
  const consumers = groups && consumersOf(groups, command);
  return consumers?.has(command.args.consumer.toString("hex")) ?? true;
}

function consumersOf<TConsumer>(
  groups: Map<string, { consumers: Map<string, TConsumer> }>,
  { args }: ReadArgs,
) {
  return groups.get(args.group.toString("hex"))?.consumers;
}
