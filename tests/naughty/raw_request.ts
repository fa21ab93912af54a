/** An answer as its bytes came, one character each. */
export interface RawAnswer {
  /** 0 where the server hung up without a word. */
  status: number;
  head: string;
}

/**
 * Sends one header as its bytes are, also those that no client would send, and reads until the server hangs up.
 * Ahead of it stands what closes the connection, since nobody knows what the server takes the rest for.
 */
export async function sendRawHeader(
  base: string,
  path: string,
  { name, text, token }: { name: string; text: string; token: string },
): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(base);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  try {
    const signedIn = name === "authorization" ? "" : `authorization: Bearer ${token}\r\n`;
    const head =
      `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n${signedIn}${name}: `;
    const bytes = new TextEncoder().encode(`${head}${text}\r\n\r\n`);
    for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
    return parse(await readToEnd(connection));
  } finally {
    connection.close();
  }
}

async function readToEnd(connection: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(16_384);
  let text = "";
  try {
    for (let size = await connection.read(buffer); size !== null;) {
      text += String.fromCharCode(...buffer.subarray(0, size));
      size = await connection.read(buffer);
    }
  } catch (error) {
    // A server that refuses what it has not read to the end may reset the connection after its answer.
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
  return text;
}

function parse(text: string): RawAnswer {
  const [head = ""] = text.split("\r\n\r\n");
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head };
}
