import type { Socket } from "node:net";
import { ConnectionLost } from "./connections.ts";

/** What the driver tells of itself to whoever makes its sockets: of one host. */
interface Address {
  host: string[];
  port: number[];
}

/** The one socket of a driver. */
export interface OnlySocket {
  /** For the driver's option `socket`. */
  open(address: Address): Promise<Socket>;
  /** Sends what was written and closes, whether the other side answers or not. */
  close(): void;
}

/**
 * A driver whose connection has failed makes another one by itself: at once and for ever where whoever stands before
 * Postgres takes connections and hangs up, and also after it was ended, so that one stays open which nobody knows.
 * This one gets a single socket, and is told that there is no other.
 */
export function onlySocket(connectMs: number): OnlySocket {
  let opened = false;
  let socket: Socket | undefined;
  return {
    async open({ host, port }) {
      if (opened) throw new ConnectionLost("the connection was closed");
      opened = true;
      const { connect } = await import("node:net");
      const [name = ""] = host;
      socket = await reach(() => connect(port[0] ?? 5_432, name), connectMs);
      // By this the driver checks a certificate.
      return Object.assign(socket, { host: name });
    },
    close: () => socket?.destroySoon(),
  };
}

/** Resolves when it is connected; rejects where it cannot be, or not in time. */
async function reach(connect: () => Socket, connectMs: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect();
  const timer = setTimeout(() => reject(new ConnectionLost("nobody answers there")), connectMs);
  socket.once("connect", () => resolve(socket));
  socket.once("error", reject);
  try {
    return await promise;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    socket.off("error", reject);
  }
}
