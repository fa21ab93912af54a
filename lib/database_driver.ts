import type postgres from "postgres";
import type { Driver } from "./connections.ts";
import { arrayTypesOf } from "./database_arrays.ts";
import { onlySocket } from "./database_socket.ts";
import { secondMs } from "./time.ts";

export interface DriverOptions {
  url: string;
  /** False behind a pooler in transaction mode, where prepared statements get lost. */
  prepare: boolean;
  /** The longest that connecting may take. */
  deadlineMs: number;
}

/** Loads postgres.js and sets it up for a single connection, which it makes when that is first reserved. */
export async function openDriver(options: DriverOptions, onclose: () => void): Promise<Driver> {
  const { default: open } = await import("postgres");
  const socket = onlySocket(options.deadlineMs);
  const settings = {
    max: 1,
    prepare: options.prepare,
    socket: socket.open,
    // For the handshake: whoever takes connections need not be able to serve them.
    connect_timeout: Math.max(1, Math.ceil(options.deadlineMs / secondMs)),
    fetch_types: false,
    types: arrayTypesOf(),
    // Both are for a pool; ours looks after its own connections.
    idle_timeout: 0,
    max_lifetime: 0,
    connection: { application_name: "almanac" },
    onnotice: () => {},
    onclose,
  };
  const sql = open(options.url, settings) as postgres.Sql;
  let connected: PromiseLike<unknown> | undefined;
  return {
    async reserve() {
      // A driver that fetches no types never reserves a connection which it has yet to make.
      await (connected ??= sql`select`.simple().execute());
      return await sql.reserve();
    },
    async end(timeoutSeconds) {
      await sql.end({ timeout: timeoutSeconds }).catch(() => {});
      socket.close();
    },
  };
}
