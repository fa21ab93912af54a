import { Client, Receiver } from "@upstash/qstash";
import { type QStashOptions, type RunningQStash, startQStash } from "../../dev/qstash/mod.ts";

/** A request that a destination received. */
export interface Received {
  path: string;
  method: string;
  headers: Headers;
  body: string;
  /** By the test's clock. */
  atMs: number;
}

export interface Destination {
  readonly url: string;
  readonly received: Received[];
  /** Decides what a request is answered with; 200 until it is set. */
  answer: (request: Received) => Response | Promise<Response>;
}

export interface Setting {
  qstash: RunningQStash;
  client: Client;
  receiver: Receiver;
  destination: Destination;
  clock: TestClock;
}

export interface TestClock {
  now: () => number;
  /** Moves the time, and waits until all that came due with it is done. */
  advance(ms: number): Promise<void>;
}

/** Runs a test with the stand-in, the genuine SDK and a destination, on a clock that only the test moves. */
export async function withQStash(
  work: (setting: Setting) => Promise<void>,
  options: QStashOptions = {},
) {
  let nowMs = Math.floor(Date.now() / 1000) * 1000;
  const now = () => nowMs;
  const qstash = await startQStash({ now, ...options });
  const { destination, server } = openDestination(now);
  async function advance(ms: number) {
    nowMs += ms;
    qstash.wake();
    await qstash.idle();
  }
  try {
    const { currentSigningKey, nextSigningKey } = qstash;
    await work({
      qstash,
      client: new Client({ baseUrl: qstash.url, token: qstash.token, retry: false }),
      receiver: new Receiver({ currentSigningKey, nextSigningKey, devMode: false }),
      destination,
      clock: { now, advance },
    });
  } finally {
    await qstash.stop();
    await server.shutdown();
  }
}

/** A promise and what settles it, for answers that a test holds back. */
export function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

/** Calls the stand-in's API as no SDK method does. */
export function call(qstash: RunningQStash, path: string, init: RequestInit = {}) {
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${qstash.token}`);
  return fetch(`${qstash.url}${path}`, { ...init, headers });
}

function openDestination(now: () => number) {
  const received: Received[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      const seen = {
        path: pathname + search,
        method: request.method,
        headers: request.headers,
        body: await request.text(),
        atMs: now(),
      };
      received.push(seen);
      return await destination.answer(seen);
    },
  );
  const destination: Destination = {
    url: `http://127.0.0.1:${server.addr.port}`,
    received,
    answer: () => new Response("done"),
  };
  return { destination, server };
}
