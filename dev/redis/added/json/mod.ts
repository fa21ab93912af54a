import { arrayCommands } from "./array_commands.ts";
import { inspectCommands } from "./inspect_commands.ts";
import { scalarCommands } from "./scalar_commands.ts";
import { wholeCommands } from "./whole_commands.ts";

/** JSON.*, which Redis has from a module and Upstash of itself. */
export const jsonCommands = [
  ...arrayCommands,
  ...inspectCommands,
  ...scalarCommands,
  ...wholeCommands,
];
