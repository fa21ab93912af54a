import { readCommands } from "./read_commands.ts";
import { searchCommands } from "./search_commands.ts";
import { writeCommands } from "./write_commands.ts";

/** AR*, the sparse arrays that came with Redis 8.8. */
export const arraysCommands = [...readCommands, ...searchCommands, ...writeCommands];
