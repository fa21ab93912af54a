/** HTTP/1.1 as bytes: what a bench sends, and where an answer ends. */

export interface HttpRequest {
  port: number;
  path: string;
  headers: Record<string, string>;
  /** GET where nothing else is said. */
  method?: string;
  body?: string;
}

/** An answer as it stood on the wire. */
export interface HttpAnswer {
  status: number;
  headers: Array<[name: string, value: string]>;
  body: string;
}

const headEnd = "\r\n\r\n";
const statusOffset = "HTTP/1.1 ".length;
const zero = 48;
const letterH = 72;
const latin1 = new TextDecoder("latin1");

export function requestBytes(
  { port, path, headers, method = "GET", body = "" }: HttpRequest,
): Uint8Array {
  const length = new TextEncoder().encode(body).byteLength;
  const all = body === "" ? headers : { ...headers, "content-length": String(length) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return new TextEncoder().encode(
    `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${lines.join("")}\r\n${body}`,
  );
}

/** Sends one request over one connection and hands back what came, header names and order as sent. */
export async function ask(request: HttpRequest): Promise<HttpAnswer> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: request.port });
  await writeAll(connection, requestBytes(request));
  const buffer = new Uint8Array(1 << 20);
  const size = await readAnswer(connection, buffer);
  const text = new TextDecoder().decode(buffer.subarray(0, size));
  const [, ...headers] = text.slice(0, text.indexOf(headEnd)).split("\r\n");
  return {
    status: statusIn(buffer),
    headers: headers.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
    body: text.slice(text.indexOf(headEnd) + headEnd.length),
  };
}

/**
 * Reads one whole answer into the buffer; its length in bytes. Bodies end by `content-length` only. An answer that
 * comes in one piece and is as long as the last one is taken for whole: parsing each head would triple the cost of
 * asking, and the load would be slower than what it is to measure.
 */
export async function readAnswer(
  connection: Deno.Conn,
  buffer: Uint8Array,
  lastSize = 0,
): Promise<number> {
  let held = 0;
  while (true) {
    const read = await connection.read(held === 0 ? buffer : buffer.subarray(held));
    if (read === null) throw new Error("the server closed the connection within an answer");
    held += read;
    if (held === lastSize) return held;
    const size = answerBytes(latin1.decode(buffer.subarray(0, held)));
    if (size !== null && held >= size) return held;
  }
}

/** The status of the answer that stands in the buffer. Throws where no answer begins there. */
export function statusIn(buffer: Uint8Array): number {
  const [hundreds = 0, tens = 0, ones = 0] = buffer.subarray(statusOffset, statusOffset + 3);
  const status = (hundreds - zero) * 100 + (tens - zero) * 10 + ones - zero;
  if (buffer[0] !== letterH || !(status >= 100 && status <= 599)) {
    throw new Error("the server sent something that is no answer");
  }
  return status;
}

export async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) {
    sent += await connection.write(bytes.subarray(sent));
  }
}

/** Bytes of head and body together; null while the head is not complete. */
function answerBytes(text: string): number | null {
  const end = text.indexOf(headEnd);
  if (end === -1) return null;
  const head = text.slice(0, end);
  if (/^transfer-encoding:/im.test(head)) throw new Error("an answer of unknown length");
  const length = /^content-length: *(\d+)/im.exec(head);
  return end + headEnd.length + Number(length?.[1] ?? 0);
}
