/**
 * B1: what any server must do that reads the same request and sends the same bytes, and nothing more. Its argument
 * is the pair of answers that the product gave, fresh and not modified.
 */
import type { HttpAnswer } from "../wire.ts";

interface Answers {
  path: string;
  fresh: HttpAnswer;
  notModified: HttpAnswer;
}

const { path, fresh, notModified } = JSON.parse(Deno.args[0] ?? "{}") as Answers;
const freshHeaders = Object.fromEntries(fresh.headers);
const notModifiedHeaders = Object.fromEntries(notModified.headers);
const etag = freshHeaders.etag;
const idLength = freshHeaders["x-request-id"]?.length ?? 0;
let served = 0;

/** The answer's headers with a request id of its own: as a literal, the form that Deno reads fastest. */
function withId(headers: Record<string, string>, given: string | null): Record<string, string> {
  if (idLength === 0) return headers;
  return { ...headers, "x-request-id": given ?? (served++).toString(36).padStart(idLength, "0") };
}

function answer(request: Request): Response {
  const { url, headers } = request;
  const authorization = headers.get("authorization");
  const wanted = headers.get("if-none-match");
  const requestId = headers.get("x-request-id");
  if (authorization === null || !url.startsWith(path, url.indexOf("/", 8))) {
    return new Response(null, { status: 401 });
  }
  if (wanted !== null && wanted === etag) {
    return new Response(null, { status: 304, headers: withId(notModifiedHeaders, requestId) });
  }
  return new Response(fresh.body, { headers: withId(freshHeaders, requestId) });
}

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(JSON.stringify({ port })),
}, answer);
