/** Stands between a client and a server, and can go silent as a network does: no bytes, no end, no refusal. */
export interface TcpProxy extends AsyncDisposable {
  port: number;
  /** How many connections were taken. */
  taken(): number;
  /** How many clients have closed their end. */
  hungUp(): number;
  /** Nothing passes any more on the connections that are open; new ones are as good as `newOnes` says. */
  silence(newOnes: "pass" | "silent"): void;
  /** Holds back what is sent on the connections that are open, as a network does that drops packets for a while. */
  hold(): void;
  /** Passes on what was held back, and everything after it. */
  letGo(): void;
  /** Closes every open connection at once, without a word. */
  cut(): void;
}

/** Forwards to a port of this machine, or to one that is asked for anew with each connection; 0 for nobody there. */
export function startTcpProxy(target: number | (() => Promise<number>)): TcpProxy {
  const targetPort = typeof target === "number" ? () => Promise.resolve(target) : target;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const links = new Set<Link>();
  let takenCount = 0;
  let hungUpCount = 0;
  let silentFromStart = false;
  const accepting = (async () => {
    for await (const client of listener) {
      takenCount++;
      const server = await connectTo(await targetPort());
      if (server === undefined) {
        client.close();
        continue;
      }
      const link: Link = { client, server, silent: silentFromStart };
      links.add(link);
      void pump(link, client, server).then(() => hungUpCount++);
      void pump(link, server, client);
    }
  })();

  function cut() {
    for (const link of links) close(link);
    links.clear();
  }

  return {
    port: (listener.addr as Deno.NetAddr).port,
    taken: () => takenCount,
    hungUp: () => hungUpCount,
    silence(newOnes) {
      for (const link of links) link.silent = true;
      silentFromStart = newOnes === "silent";
    },
    hold() {
      for (const link of links) link.held ??= Promise.withResolvers();
    },
    letGo() {
      for (const { held } of links) held?.resolve();
    },
    cut,
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
      for (const { held } of links) held?.resolve();
      cut();
    },
  };
}

/** The same address by way of a proxy. */
export function through(proxy: TcpProxy, url: string): string {
  return Object.assign(new URL(url), { port: String(proxy.port) }).href;
}

export function portOf(url: string): number {
  return Number(new URL(url).port);
}

interface Link {
  client: Deno.Conn;
  server: Deno.Conn;
  silent: boolean;
  held?: PromiseWithResolvers<void>;
}

/** Undefined where nobody listens: whoever stands in between has taken the connection by then, and can only hang up. */
async function connectTo(port: number): Promise<Deno.Conn | undefined> {
  try {
    return await Deno.connect({ hostname: "127.0.0.1", port });
  } catch {
    return undefined;
  }
}

async function pump(link: Link, from: Deno.Conn, to: Deno.Conn) {
  const buffer = new Uint8Array(64 * 1_024);
  try {
    for (let size = await from.read(buffer); size !== null; size = await from.read(buffer)) {
      await link.held?.promise;
      if (link.silent) continue;
      for (let sent = 0; sent < size;) sent += await to.write(buffer.subarray(sent, size));
    }
    await link.held?.promise;
  } catch {
    // One side is gone, or the test is over.
  }
  // Silence holds for the end as well: the other side never hears of it.
  if (!link.silent) closeOne(to);
}

function close({ client, server }: Link) {
  closeOne(client);
  closeOne(server);
}

function closeOne(connection: Deno.Conn) {
  try {
    connection.close();
  } catch {
    // It was closed already.
  }
}
