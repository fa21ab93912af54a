import { defineCommand, RedisResult, RedisValue, t } from "js-redis-server/core";

export const echo = defineCommand({
  name: "echo",
  schema: t.object({ message: t.bulk() }),
  flags: ["fast"],
  keys: () => [],
  execute: ({ message }) => RedisResult.create(RedisValue.bulkString(message)),
});
