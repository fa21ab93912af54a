import { fail, Failure, isFailure } from "./errors.ts";

const usualDeadlineMs = 10_000;

/**
 * The bytes of a body, at most `sizeMaxBytes` of them. `body_too_large` as soon as there are more, `body_too_slow` from
 * a sender that dawdles, `malformed_json` from one that breaks off.
 */
export async function readBytes(
  request: Request,
  sizeMaxBytes: number,
  deadlineMs = usualDeadlineMs,
): Promise<Uint8Array<ArrayBuffer>> {
  const announced = request.headers.get("content-length");
  if (announced !== null) {
    if (Number(announced) > sizeMaxBytes) fail("body_too_large");
    return await readAnnounced(request, sizeMaxBytes, deadlineMs);
  }
  if (request.body === null) return new Uint8Array();
  const reader = request.body.getReader();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    reader.cancel("too slow").catch(() => {});
  }, deadlineMs);
  try {
    const bytes = await gather(reader, sizeMaxBytes);
    // A stream that was cancelled ends like one that is complete.
    return late ? fail("body_too_slow") : bytes;
  } catch (error) {
    await reader.cancel("refused").catch(() => {});
    return fail(isFailure(error) ? error.code : "malformed_json", { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** A body whose length is known is read in one go, since the server lets no more of it through. */
async function readAnnounced(
  request: Request,
  sizeMaxBytes: number,
  deadlineMs: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Failure("body_too_slow")), deadlineMs);
  try {
    const bytes = await Promise.race([request.bytes(), late.promise]);
    return bytes.byteLength > sizeMaxBytes ? fail("body_too_large") : bytes;
  } catch (error) {
    return fail(isFailure(error) ? error.code : "malformed_json", { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function gather(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  sizeMaxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let sizeBytes = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    sizeBytes += part.value.byteLength;
    if (sizeBytes > sizeMaxBytes) fail("body_too_large");
    chunks.push(part.value);
  }
  return join(chunks, sizeBytes);
}

function join(chunks: Uint8Array<ArrayBuffer>[], sizeBytes: number): Uint8Array<ArrayBuffer> {
  const [first = new Uint8Array()] = chunks;
  if (chunks.length <= 1) return first;
  const bytes = new Uint8Array(sizeBytes);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
