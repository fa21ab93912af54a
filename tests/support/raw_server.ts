/** A server that answers each connection with the given bytes as soon as a request has come, and then hangs up. */
export interface RawServer extends AsyncDisposable {
  url: string;
  /** Requests that were read, as text. */
  requests: string[];
}

export type RawAnswer = (connection: Deno.Conn) => Promise<void>;

/** For what no HTTP server would send: half an answer, none, or something else. */
export function startRawServer(answer: RawAnswer): RawServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const requests: string[] = [];
  const accepting = (async () => {
    for await (const connection of listener) {
      open.add(connection);
      void serve(connection, requests, answer).finally(() => close(open, connection));
    }
  })();
  return {
    url: `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}/`,
    requests,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) close(open, connection);
      await accepting;
    },
  };
}

/** Bytes as they are, then the end. */
export function saying(text: string): RawAnswer {
  return async (connection) => {
    await connection.write(new TextEncoder().encode(text));
  };
}

/** An address where nobody listens. */
export function refusingUrl(): string {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return `http://127.0.0.1:${port}/`;
}

async function serve(connection: Deno.Conn, requests: string[], answer: RawAnswer) {
  try {
    const buffer = new Uint8Array(64 * 1024);
    const sizeBytes = await connection.read(buffer);
    if (sizeBytes === null) return;
    requests.push(new TextDecoder().decode(buffer.subarray(0, sizeBytes)));
    await answer(connection);
  } catch {
    // The client hung up, or the test is over.
  }
}

function close(open: Set<Deno.Conn>, connection: Deno.Conn) {
  if (open.delete(connection)) connection.close();
}
