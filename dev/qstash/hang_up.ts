/** An address that ends every connection without a word. It listens from its first use on. */
export interface HangUp {
  url(): string;
  stop(): void;
}

export function createHangUp(): HangUp {
  let listener: Deno.TcpListener | undefined;
  return {
    url() {
      listener ??= listen();
      return `http://127.0.0.1:${listener.addr.port}/`;
    },
    stop() {
      listener?.close();
      listener = undefined;
    },
  };
}

function listen(): Deno.TcpListener {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  void hangUpOnAll(listener);
  return listener;
}

async function hangUpOnAll(listener: Deno.TcpListener) {
  for await (const connection of listener) connection.close();
}
