import type { RedisBackend } from "./backend.ts";

/**
 * What can be made to go wrong, until it is set back to null.
 * `refuse`: nobody listens on the port. `black_hole`: requests are taken and never answered.
 * `error`: every command fails. `truncate`: commands run, but the connection breaks within the answer.
 * `status`: every request is answered with `status`, or 503.
 */
export interface Fault {
  kind: "refuse" | "black_hole" | "error" | "truncate" | "status";
  status?: number;
}

export type Handler = (request: Request) => Promise<Response>;

/** The same handler, but failing at the door of HTTP as long as there is a fault. */
export function faultyHandler(handle: Handler, current: () => Fault | null): Handler {
  return async (request) => {
    const fault = current();
    switch (fault?.kind) {
      case "black_hole":
        return await new Promise<never>(() => {});
      case "status":
        return Response.json({ error: "ERR a fault is set" }, { status: fault.status ?? 503 });
      case "truncate":
        return await truncated(await handle(request));
      default:
        return await handle(request);
    }
  };
}

/** The same backend, but every command is answered with an error as long as the fault is `error`. */
export function faultyBackend(backend: RedisBackend, current: () => Fault | null): RedisBackend {
  const failing = () => current()?.kind === "error";
  const failure = { error: "ERR a fault is set" };
  return {
    ...backend,
    run: (command) => failing() ? Promise.resolve(failure) : backend.run(command),
    transaction: (commands) => failing() ? Promise.resolve(failure) : backend.transaction(commands),
    stream: (command, listener) => {
      if (!failing()) return backend.stream(command, listener);
      listener.frame(failure);
      return Promise.resolve(() => {});
    },
  };
}

/** Announces the whole length and closes after half of it: what a client sees when a proxy dies. */
async function truncated(whole: Response): Promise<Response> {
  const bytes = new Uint8Array(await whole.arrayBuffer());
  const headers = new Headers(whole.headers);
  headers.set("content-length", String(bytes.length));
  const half = bytes.subarray(0, Math.floor(bytes.length / 2));
  return new Response(ReadableStream.from([half]), { status: whole.status, headers });
}
