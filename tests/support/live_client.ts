import { pollUntil } from "./poll.ts";

export interface Frame {
  id: string;
  channel: string;
  // deno-lint-ignore no-explicit-any -- What a channel says is its own business.
  data: any;
}

/** A client of `/v1/stream` that remembers every frame. */
export interface LiveClient {
  frames: Frame[];
  send(message: unknown): void;
  /** The first frame that fits, as soon as it is there. */
  next(fits: (frame: Frame) => boolean, what?: string): Promise<Frame>;
  /** How it was ended from the other side, or by `close`. */
  closed: Promise<{ code: number; reason: string }>;
  close(): Promise<void>;
}

/** Opens a socket; with `headers` as a client may that is no browser. */
export async function openLive(
  appUrl: string,
  headers?: Record<string, string>,
): Promise<LiveClient> {
  const url = `${appUrl.replace(/^http/, "ws")}/v1/stream`;
  const socket = headers ? new WebSocket(url, { headers }) : new WebSocket(url);
  const frames: Frame[] = [];
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<{ code: number; reason: string }>();
  socket.onopen = () => opened.resolve();
  socket.onerror = () => opened.reject(new Error("the socket did not open"));
  socket.onclose = ({ code, reason }) => closed.resolve({ code, reason });
  socket.onmessage = ({ data }) => frames.push(JSON.parse(String(data)));
  await opened.promise;
  return {
    frames,
    send: (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    next: (fits, what) => firstOf(frames, fits, what),
    closed: closed.promise,
    async close() {
      socket.close();
      await closed.promise;
    },
  };
}

/** The same over server-sent events; it can say nothing after it has opened. */
export async function openEvents(
  appUrl: string,
  channels: string[],
  token: string,
): Promise<Pick<LiveClient, "frames" | "next"> & { ended: Promise<void>; close(): Promise<void> }> {
  const response = await fetch(`${appUrl}/v1/stream?channels=${channels.join(",")}`, {
    headers: { accept: "text/event-stream", authorization: `Bearer ${token}` },
  });
  if (!response.ok || !response.body) {
    throw new Error(`${response.status} ${await response.text()}`);
  }
  const frames: Frame[] = [];
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const ended = (async () => {
    let rest = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const events = (rest + part.value).split("\n\n");
      rest = events.pop() ?? "";
      for (const event of events) {
        if (event.startsWith("data: ")) frames.push(JSON.parse(event.slice(6)));
      }
    }
  })();
  return {
    frames,
    next: (fits, what) => firstOf(frames, fits, what),
    ended,
    async close() {
      await reader.cancel();
      await ended;
    },
  };
}

async function firstOf(
  frames: Frame[],
  fits: (frame: Frame) => boolean,
  what = "a frame",
): Promise<Frame> {
  await pollUntil(what, () => frames.some(fits));
  const [first] = frames.filter(fits);
  if (!first) throw new Error(`no ${what}`);
  return first;
}
