import { type CommandDefinition, redisCommandDefinitions } from "js-redis-server/core";

/** The store's own definition of a command, to build another one on. */
export function builtIn<TArgs>(name: string): CommandDefinition<TArgs> {
  const found = redisCommandDefinitions.find((definition) => definition.name === name);
  if (!found) throw new Error(`the embedded store has no command ${name}`);
  return found as CommandDefinition<TArgs>;
}
