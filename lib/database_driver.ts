import type postgres from "postgres";
import { ConnectionLost, type Driver } from "./connections.ts";
import { arrayTypesOf } from "./database_arrays.ts";
import { onlySocket } from "./database_socket.ts";
import { secondMs } from "./time.ts";

export interface DriverOptions {
  /** May name several hosts, as that of libpq: the first that takes us is used. */
  url: string;
  /** False behind a pooler in transaction mode, where prepared statements get lost. */
  prepare: boolean;
  /** The longest that connecting may take, to all hosts together. */
  deadlineMs: number;
}

/** One try at one host. */
interface Attempt {
  sql: postgres.Sql;
  connect(): Promise<void>;
  end(timeoutSeconds: number): Promise<void>;
}

/**
 * Loads postgres.js and sets it up for a single connection, which it makes when that is first reserved. The driver
 * itself is told of one host only: with several, 3.4.9 answers nobody where the connection to one of them fails.
 */
export async function openDriver(options: DriverOptions, onclose: () => void): Promise<Driver> {
  const [{ default: open }, { isIP }] = await Promise.all([import("postgres"), import("node:net")]);
  const { url, mustWrite } = readTarget(options.url);
  const { host: hosts, port: ports, ssl } = open(url).options;
  let current: Attempt | undefined;
  let connected: Promise<postgres.Sql> | undefined;
  let ended = false;

  function attempt(host: string, port: number): Attempt {
    const limitMs = options.deadlineMs / hosts.length;
    const socket = onlySocket(limitMs);
    let reached = false;
    const settings = {
      ...settingsOf(options),
      ...(isIP(host) ? identityOf(host, ssl) : {}),
      host: [host],
      port: [port],
      socket: socket.open,
      // For the handshakes: whoever takes connections need not be able to serve them.
      connect_timeout: limitMs / secondMs,
      onclose: () => reached && onclose(),
    };
    const sql = open(url, settings as unknown as postgres.Options<Record<string, never>>);
    return {
      sql,
      async connect() {
        // A driver that fetches no types never reserves a connection which it has yet to make.
        const [state] = await sql`show transaction_read_only`.simple();
        if (mustWrite && state?.transaction_read_only !== "off") {
          throw new ConnectionLost("this host takes no writes");
        }
        reached = true;
      },
      async end(timeoutSeconds) {
        await sql.end({ timeout: timeoutSeconds }).catch(() => {});
        socket.close();
      },
    };
  }

  async function connect(): Promise<postgres.Sql> {
    let reason: unknown = new ConnectionLost("the connection was closed");
    for (const [at, host] of hosts.entries()) {
      if (ended) break;
      const one = current = attempt(host, ports[at] ?? 5_432);
      try {
        await one.connect();
        return one.sql;
      } catch (error) {
        void one.end(0);
        reason = asLost(error);
        if (isRefusal(error)) break;
      }
    }
    throw reason;
  }

  return {
    reserve: async () => await (await (connected ??= connect())).reserve(),
    async end(timeoutSeconds) {
      ended = true;
      await current?.end(timeoutSeconds);
    },
  };
}

function settingsOf({ prepare }: DriverOptions) {
  return {
    max: 1,
    prepare,
    fetch_types: false,
    types: arrayTypesOf(),
    // Both are for a pool; ours looks after its own connections.
    idle_timeout: 0,
    max_lifetime: 0,
    connection: { application_name: "almanac" },
    onnotice: () => {},
  };
}

/**
 * The driver would ask for the state of a host with a query that nobody watches where what stands in between does not
 * tell: a connection that is lost meanwhile ends the whole process. So we ask, and it does not hear of it.
 */
function readTarget(url: string): { url: string; mustWrite: boolean } {
  const attribute = /(?<=[?&])target_session_attrs=([^&]*)&?/;
  return { url: url.replace(attribute, ""), mustWrite: attribute.exec(url)?.[1] === "read-write" };
}

/** Of a host that is an address, the driver would accept a certificate for `localhost`, and for nothing else. */
function identityOf(host: string, ssl: unknown) {
  const checked = typeof ssl === "string" && !["require", "allow", "prefer"].includes(ssl);
  return checked ? { ssl: { host } } : {};
}

/** Whatever has kept us from a server is its being away; what a server says stands as it is. */
function asLost(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof ConnectionLost) return error;
  return "severity" in error ? error : new ConnectionLost(error.message, { cause: error });
}

/** The password is wrong: another host would say the same. */
function isRefusal(error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith("28");
}
