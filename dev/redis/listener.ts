import type { Handler } from "./faults.ts";

export interface Listener {
  readonly port: number;
  /** Closes the port and every connection, so that the next attempt is refused. */
  close(): void;
  /** Opens the same port again. */
  open(): void;
  stop(): Promise<void>;
}

/** Serves on 127.0.0.1 only. @throws when the port is taken */
export function listen(port: number, handle: Handler): Listener {
  let server = start(port, handle);
  // From here on the port is fixed, even if it was drawn by the system.
  const fixedPort = server.port;
  let stopped = false;

  function open() {
    if (stopped || server.open()) return;
    try {
      server = start(fixedPort, handle);
    } catch (cause) {
      if (!(cause instanceof Deno.errors.AddrInUse)) throw cause;
      // The system has not let go of the port yet; it has once the old server reports its end.
      void server.finished.then(open);
    }
  }

  return {
    port: fixedPort,
    close: () => server.close(),
    open,
    stop: async () => {
      stopped = true;
      server.close();
      await server.finished;
    },
  };
}

function start(port: number, handle: Handler) {
  const ending = new AbortController();
  const { addr, finished } = Deno.serve({
    hostname: "127.0.0.1",
    port,
    signal: ending.signal,
    onListen: () => {},
  }, handle);
  return {
    port: addr.port,
    finished,
    open: () => !ending.signal.aborted,
    close: () => ending.abort(),
  };
}
