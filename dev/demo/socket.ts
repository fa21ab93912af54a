/** A phone's live socket, which remembers every frame. */
export interface LiveSocket {
  frames: Frame[];
  subscribe(channels: string[]): void;
  close(): Promise<void>;
}

export interface Frame {
  channel: string;
  data: Record<string, unknown>;
}

/** Opens the stream and signs in by the first message, as a browser must. */
export async function openLiveSocket(appUrl: string, token: string): Promise<LiveSocket> {
  const socket = new WebSocket(`${appUrl.replace(/^http/, "ws")}/v1/stream`);
  const frames: Frame[] = [];
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  socket.onopen = () => socket.send(JSON.stringify({ op: "auth", token }));
  socket.onerror = () => opened.reject(new Error("the live socket did not open"));
  socket.onclose = () => closed.resolve();
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(String(data)) as Frame;
    if (frame.channel === "session") opened.resolve();
    else frames.push(frame);
  };
  const timer = setTimeout(() => opened.reject(new Error("the live socket stayed silent")), 5_000);
  await opened.promise.finally(() => clearTimeout(timer));
  return {
    frames,
    subscribe: (channels) => socket.send(JSON.stringify({ op: "subscribe", channels })),
    close() {
      socket.close();
      return closed.promise;
    },
  };
}
