import { Buffer } from "node:buffer";
import {
  ClientSession,
  encodeRedisResult,
  isResponseStream,
  RedisResult,
  RedisServerState,
} from "js-redis-server/core";
import { createExecutor } from "./added/mod.ts";
import type { Command, RedisBackend, Reply } from "./backend.ts";
import { createReplyReader } from "./resp_reader.ts";

/** A Redis in this process: nothing is bound, nothing is written to disk, everything is gone with `close`. */
export function openEmbeddedStore(): RedisBackend {
  const server = new RedisServerState({ databaseCount: 1 });
  const executor = createExecutor();
  const openSession = () => new ClientSession({ server, executor });
  const shared = openSession();
  const sessions = new Set<ClientSession>();

  return {
    kind: "embedded",
    run: (command) => execute(shared, command),
    transaction: async (commands) => {
      // MULTI is a state of its session, so each transaction has one nobody else can send to.
      const session = openSession();
      try {
        const queued = [["MULTI"] as const, ...commands, ["EXEC"] as const];
        const replies = await Promise.all(queued.map((command) => execute(session, command)));
        return replies.at(-1) ?? null;
      } finally {
        session.close();
      }
    },
    stream: async (command, { frame }) => {
      const session = openSession();
      sessions.add(session);
      await startStream(session, command, frame);
      return () => {
        sessions.delete(session);
        session.close();
      };
    },
    close: () => {
      for (const session of [shared, ...sessions]) session.close();
      server.close();
      return Promise.resolve();
    },
  };
}

async function execute(session: ClientSession, command: Command): Promise<Reply> {
  const result = await session.execute(...toBuffers(command));
  if (isResponseStream(result)) {
    result.close();
    return { error: `ERR ${command[0]} answers with a stream` };
  }
  return toReply(result);
}

async function startStream(
  session: ClientSession,
  command: Command,
  deliver: (frame: Reply) => void,
) {
  const result = await session.execute(...toBuffers(command));
  if (result instanceof RedisResult) deliver(toReply(result));
  const frames = isResponseStream(result)
    ? result.frames(session.signal)
    : session.readPushes(session.signal);
  void (async () => {
    for await (const frame of frames) deliver(toReply(frame));
  })();
}

/** Through the store's own RESP2 encoder, so that maps, doubles and nested pairs come out as on the wire. */
function toReply(result: RedisResult): Reply {
  const [reply] = createReplyReader()(encodeRedisResult(result, { version: 2 }));
  result.options?.afterReply?.();
  return reply ?? null;
}

function toBuffers([name, ...args]: Command): [Buffer, Buffer[]] {
  return [Buffer.from(name), args.map((argument) => Buffer.from(argument as Uint8Array))];
}
