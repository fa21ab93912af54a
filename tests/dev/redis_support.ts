import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { Redis, type RedisConfigNodejs } from "@upstash/redis";
import { attachSession, RedisServerState, SocketConnectionTransport } from "js-redis-server/core";
import { createExecutor } from "../../dev/redis/added/mod.ts";
import { type RedisOptions, type RedisStandIn, startRedis } from "../../dev/redis/mod.ts";

export interface RespServer {
  url: string;
  /** Breaks every open connection. */
  cut(): void;
  stop(): Promise<void>;
}

/** A server of Redis' own protocol on loopback, so that the socket client is tested where no Redis is installed. */
export async function startRespServer(password?: string): Promise<RespServer> {
  const state = new RedisServerState({ databaseCount: 2, requirepass: password });
  const executor = createExecutor();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.setNoDelay(true));
    socket.on("close", () => sockets.delete(socket));
    attachSession(new SocketConnectionTransport(socket), { state, executor });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const cut = () => sockets.forEach((socket) => socket.destroy());

  return {
    url: `redis://${password ? `:${password}@` : ""}127.0.0.1:${port}/1`,
    cut,
    stop: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
      state.close();
    },
  };
}

/** What testEachBackend runs over. TEST_REDIS_URL adds a real Redis, whose database is emptied. */
export const backends: { name: string; options: () => Promise<Started> }[] = [
  { name: "embedded", options: () => Promise.resolve({ stop: async () => {} }) },
  { name: "socket", options: startSocket },
  ...realRedis(Deno.env.get("TEST_REDIS_URL")),
];

interface Started extends RedisOptions {
  stop(): Promise<void>;
}

async function startSocket(): Promise<Started> {
  const { url, stop } = await startRespServer();
  return { redisUrl: url, stop };
}

function realRedis(redisUrl: string | undefined) {
  if (!redisUrl) return [];
  return [{ name: redisUrl, options: () => Promise.resolve({ redisUrl, stop: async () => {} }) }];
}

/** Declares a test for each backend, with a stand-in of its own that is stopped whatever happens. */
export function testEachBackend(guarantee: string, run: Run) {
  declare(backends, guarantee, run);
}

/** The same for what Upstash answers and Redis does not, or does otherwise. */
export function testAsUpstash(guarantee: string, run: Run) {
  declare(backends.filter(({ name }) => name === "embedded" || name === "socket"), guarantee, run);
}

type Run = (standIn: RedisStandIn) => Promise<void>;

function declare(among: typeof backends, guarantee: string, run: Run) {
  for (const { name, options } of among) {
    Deno.test(`redis (${name}) ${guarantee}`, async () => {
      const started = await options();
      const standIn = await startRedis(started);
      try {
        await standIn.flush();
        await run(standIn);
      } finally {
        await standIn.stop();
        await started.stop();
      }
    });
  }
}

export async function withStandIn(
  options: RedisOptions,
  run: (standIn: RedisStandIn) => Promise<void>,
) {
  const standIn = await startRedis(options);
  try {
    await run(standIn);
  } finally {
    await standIn.stop();
  }
}

type ClientOptions = Omit<RedisConfigNodejs, "url" | "token">;

/** The genuine SDK, which gives up at once instead of retrying for four seconds. */
export function connect({ url, token }: RedisStandIn, options: ClientOptions = {}): Redis {
  return new Redis({ url, token, retry: false, ...options });
}

/** Sends one raw request; the answer's body comes as text, exactly as it was on the wire. */
export async function send(standIn: RedisStandIn, path: string, init: RequestInit = {}) {
  const headers = { authorization: `Bearer ${standIn.token}`, ...init.headers };
  const response = await fetch(`${standIn.url}${path}`, { method: "POST", ...init, headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Tries again until the check passes or two seconds are over. */
export async function eventually(check: () => boolean | Promise<boolean>, what: string) {
  const deadlineMs = performance.now() + 2_000;
  while (performance.now() < deadlineMs) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`not within two seconds: ${what}`);
}
