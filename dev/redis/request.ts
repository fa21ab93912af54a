import { Refused } from "./commands.ts";

const maxRequestSizeBytes = 10 * 1024 * 1024;

export type Format = "json" | "base64" | "resp2";

/** How the client wants its answers. @throws Refused */
export function readFormat(headers: Headers): Format {
  const format = headers.get("upstash-response-format")?.toLowerCase() ?? "json";
  const base64 = headers.get("upstash-encoding")?.toLowerCase() === "base64";
  if (format !== "json" && format !== "resp2") {
    throw new Refused(400, `ERR response format ${format} is not supported`);
  }
  if (format === "resp2" && base64) {
    throw new Refused(400, "ERR base64 encoding is not permitted with the response format resp2");
  }
  return base64 ? "base64" : format;
}

/** The decoded segments; none for `/`. @throws Refused */
export function readPath(url: URL): string[] {
  if (url.pathname === "/") return [];
  try {
    return url.pathname.slice(1).split("/").map(decodeURIComponent);
  } catch {
    throw new Refused(400, "ERR the path is not valid percent-encoding");
  }
}

/** At most 10 MB, as in Upstash's plans. @throws Refused */
export async function readBody(request: Request): Promise<Uint8Array> {
  const announcedBytes = Number(request.headers.get("content-length") ?? 0);
  if (announcedBytes > maxRequestSizeBytes) throw tooLarge(announcedBytes);
  const body = new Uint8Array(await request.arrayBuffer());
  if (body.length > maxRequestSizeBytes) throw tooLarge(body.length);
  return body;
}

function tooLarge(sizeBytes: number): Refused {
  const message = `ERR max request size exceeded. Limit: ${maxRequestSizeBytes} bytes, ` +
    `Actual: ${sizeBytes} bytes. ` +
    "See https://upstash.com/docs/redis/troubleshooting/max_request_size_exceeded for details";
  return new Refused(400, message);
}

/** @throws Refused */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw new Refused(400, "ERR failed to parse request");
  }
}
