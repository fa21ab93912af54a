import type { Command, RedisBackend } from "./backend.ts";
import { type Connection, openConnection, type Target } from "./resp_connection.ts";

/**
 * Speaks RESP2 with the Redis at a `redis://[user:password@]host[:port][/database]` URL (`rediss://` for TLS).
 * @throws when the first connection, its password or its database is refused.
 */
export async function connectRedis(redisUrl: string): Promise<RedisBackend> {
  const target = readTarget(redisUrl);
  let connection = await openConnection(target);
  let reopening: Promise<Connection> | undefined;

  /** One attempt for all who wait, so that commands keep their order on the new connection too. */
  async function connected(): Promise<Connection> {
    if (!connection.closed()) return connection;
    reopening ??= openConnection(target).finally(() => reopening = undefined);
    return connection = await reopening;
  }

  return {
    kind: "redis",
    run: async (command) => await (await connected()).send(command),
    transaction: async (commands) => {
      // Sent without a pause on one connection, so nobody else's command can come in between.
      const { send } = await connected();
      const replies = [["MULTI"] as const, ...commands, ["EXEC"] as const].map(send);
      return (await Promise.all(replies)).at(-1) ?? null;
    },
    stream: async (command, listener) => {
      const own = await openConnection(target);
      own.listen(command, listener);
      return own.close;
    },
    close: async () => {
      await reopening?.then((late) => late.close(), () => {});
      connection.close();
    },
  };
}

function readTarget(redisUrl: string): Target {
  const url = new URL(redisUrl);
  if (url.protocol !== "redis:" && url.protocol !== "rediss:") {
    throw new TypeError(`a Redis URL begins with redis:// or rediss://, not ${url.protocol}//`);
  }
  const [user, password] = [url.username, url.password].map(decodeURIComponent);
  const database = url.pathname.slice(1);
  const greeting: Command[] = [];
  if (password) greeting.push(user ? ["AUTH", user, password] : ["AUTH", password]);
  if (database) greeting.push(["SELECT", database]);
  return {
    hostname: url.hostname,
    port: Number(url.port || 6379),
    secure: url.protocol === "rediss:",
    greeting,
  };
}
