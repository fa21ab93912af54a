import type { RedisBackend } from "./backend.ts";
import { type Fault, faultyBackend, faultyHandler, type Handler } from "./faults.ts";
import { createGateway } from "./gateway.ts";
import { listen, type Listener } from "./listener.ts";

export interface RedisOptions {
  /** 0, the default, lets the system draw one. */
  port?: number;
  /** Drawn at random unless given. */
  token?: string;
  /** The token that may only read; drawn as well. */
  readOnlyToken?: string;
  /** A real Redis to stand behind the REST protocol instead of the embedded store. */
  redisUrl?: string;
  report?: (line: string) => void;
}

export interface RedisStandIn {
  url: string;
  token: string;
  readOnlyToken: string;
  backend: "embedded" | "redis";
  /** How long the start took. */
  elapsedMs: number;
  /** How many HTTP requests have arrived, failed ones included. */
  requests(): number;
  /** Empties the database. */
  flush(): Promise<void>;
  /** Makes every request fail in one way until it is set back to null. */
  setFault(fault: Fault | null): void;
  stop(): Promise<void>;
}

/**
 * Starts a stand-in for Upstash Redis that the genuine SDK cannot tell from the real one.
 * @throws when the port is taken or the Redis at `redisUrl` cannot be reached
 */
export async function startRedis(options: RedisOptions = {}): Promise<RedisStandIn> {
  const startedMs = performance.now();
  const token = options.token ?? drawToken();
  const readOnlyToken = options.readOnlyToken ?? drawToken();
  const report = options.report ?? (() => {});
  const backend = await openBackend(options.redisUrl);
  let fault: Fault | null = null;
  let requests = 0;

  const current = () => fault;
  const gateway = createGateway({
    backend: faultyBackend(backend, current),
    token,
    readOnlyToken,
    report,
  });
  const handle = faultyHandler(gateway, current);
  const counted: Handler = (request) => {
    requests += 1;
    return handle(request);
  };
  const listener = await listenOrClose(options.port ?? 0, counted, backend);
  const url = `http://127.0.0.1:${listener.port}`;
  const elapsedMs = performance.now() - startedMs;
  report(`redis: ${backend.kind} at ${url}, ready in ${elapsedMs.toFixed(0)} ms`);

  return {
    url,
    token,
    readOnlyToken,
    backend: backend.kind,
    elapsedMs,
    requests: () => requests,
    flush: async () => void await backend.run(["FLUSHDB"]),
    setFault: (next) => {
      fault = next;
      if (fault?.kind === "refuse") listener.close();
      else listener.open();
    },
    stop: async () => {
      await listener.stop();
      await backend.close();
    },
  };
}

function drawToken(): string {
  return crypto.getRandomValues(new Uint8Array(24)).toHex();
}

/** Loaded only when it is used: the embedded store is half a megabyte of code. */
async function openBackend(redisUrl: string | undefined): Promise<RedisBackend> {
  if (redisUrl) return await (await import("./resp_client.ts")).connectRedis(redisUrl);
  return (await import("./embedded_store.ts")).openEmbeddedStore();
}

async function listenOrClose(
  port: number,
  handle: Handler,
  backend: RedisBackend,
): Promise<Listener> {
  try {
    return listen(port, handle);
  } catch (cause) {
    await backend.close();
    throw cause;
  }
}
