import {
  CommandExecutor,
  createAuthPolicy,
  createRedisCommandRegistry,
  createTransactionPolicy,
} from "js-redis-server/core";
import { arraysCommands } from "./array/mod.ts";
import { bitop } from "./bit_operations.ts";
import { copy } from "./copy.ts";
import { echo } from "./echo.ts";
import { functionCommand } from "./functions.ts";
import { hashExpiryCommands } from "./hash_expiry.ts";
import { hiddenTypesPolicy } from "./hidden_types.ts";
import { jsonCommands } from "./json/mod.ts";
import { keyTypeCommands } from "./key_types.ts";
import { memory } from "./memory.ts";
import { scriptCommands } from "./scripts.ts";
import { streamDeletionCommands } from "./stream_deletion.ts";
import { streamGroupCommands } from "./stream_groups.ts";
import { streamTrimCommands } from "./stream_trim.ts";

/** Commands which Upstash answers and the embedded store lacks, or answers otherwise. */
const addedCommands = [
  bitop,
  copy,
  echo,
  functionCommand,
  memory,
  ...arraysCommands,
  ...hashExpiryCommands,
  ...jsonCommands,
  ...keyTypeCommands,
  ...scriptCommands,
  ...streamDeletionCommands,
  ...streamGroupCommands,
  ...streamTrimCommands,
];

/** Runs commands of the embedded store as Upstash would. */
export function createExecutor(): CommandExecutor {
  const registry = createRedisCommandRegistry();
  registry.registerAll(addedCommands, { override: true });
  const policies = [createAuthPolicy(), hiddenTypesPolicy, createTransactionPolicy()];
  return new CommandExecutor({ registry, policies });
}
