import { type Command, isError, type Reply, type StreamListener } from "./backend.ts";
import { concat } from "./bytes.ts";
import { createReplyReader } from "./resp_reader.ts";

export interface Target {
  hostname: string;
  port: number;
  secure: boolean;
  /** What a new connection sends before anything else. */
  greeting: Command[];
}

export interface Connection {
  send(command: Command): Promise<Reply>;
  /** From here on every reply goes to the listener. */
  listen(command: Command, listener: StreamListener): void;
  closed(): boolean;
  close(): void;
}

interface Waiting {
  resolve(reply: Reply): void;
  reject(cause: unknown): void;
}

/** @throws when the server is not there or refuses the greeting */
export async function openConnection(target: Target): Promise<Connection> {
  const socket = target.secure ? await Deno.connectTls(target) : await Deno.connect(target);
  if (!target.secure) (socket as Deno.TcpConn).setNoDelay(true);
  const connection = converse(socket);
  for (const reply of await Promise.all(target.greeting.map(connection.send))) {
    if (!isError(reply)) continue;
    connection.close();
    throw new Error(`Redis refused the connection: ${reply.error}`);
  }
  return connection;
}

function converse(socket: Deno.Conn): Connection {
  const writer = socket.writable.getWriter();
  const write = gatherWrites((bytes) => closed || writer.write(bytes).catch(close));
  const waiting: Waiting[] = [];
  let listener: StreamListener | undefined;
  let closed = false;

  function close(cause: unknown = new Error("the connection to Redis was closed")) {
    if (closed) return;
    closed = true;
    for (const { reject } of waiting.splice(0)) reject(cause);
    listener?.end();
    try {
      socket.close();
    } catch {
      // The other side closed it first.
    }
  }

  async function readOn() {
    const read = createReplyReader();
    try {
      for await (const chunk of socket.readable) {
        for (const reply of read(chunk)) {
          listener ? listener.frame(reply) : waiting.shift()?.resolve(reply);
        }
      }
      close();
    } catch (cause) {
      close(cause);
    }
  }

  void readOn();
  return {
    send: (command) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new Error("the connection to Redis was closed"));
        waiting.push({ resolve, reject });
        write(command);
      }),
    listen: (command, to) => {
      listener = to;
      write(command);
    },
    closed: () => closed,
    close: () => close(),
  };
}

/** What one turn of the event loop sends leaves in one write: a pipeline is one packet, not a thousand. */
function gatherWrites(
  writeOut: (bytes: Uint8Array<ArrayBuffer>) => void,
): (command: Command) => void {
  let outgoing: Uint8Array[] = [];
  const flush = () => {
    const bytes = concat(outgoing);
    outgoing = [];
    writeOut(bytes);
  };
  return (command) => {
    if (outgoing.length === 0) queueMicrotask(flush);
    outgoing.push(encodeCommand(command));
  };
}

function encodeCommand(command: Command): Uint8Array {
  const encoder = new TextEncoder();
  const parts = [encoder.encode(`*${command.length}\r\n`)];
  for (const argument of command) {
    const bytes = typeof argument === "string" ? encoder.encode(argument) : argument;
    parts.push(encoder.encode(`$${bytes.length}\r\n`), new Uint8Array(bytes), crlf);
  }
  return concat(parts);
}

const crlf = new Uint8Array([13, 10]);
