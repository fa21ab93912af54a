import type { Exchange } from "./env.ts";

/** One request as the log tells of it: JSON members, built by hand because this is on the way of every answer. */
export interface Answered {
  method: string;
  path: string;
  status: number;
  elapsedMs: number;
  traceId: string | undefined;
}

/** What the log keeps of one request: whose it was by id, never an address of theirs or what was sent. */
export function accessLine({ ctx, address }: Exchange, answered: Answered): string {
  const { method, path, status, elapsedMs, traceId } = answered;
  const { actor, requestId } = ctx;
  const person = actor.kind === "person" ? `,"userId":"${actor.userId}"` : "";
  const trace = traceId === undefined ? "" : `,"traceId":"${traceId}"`;
  // What the caller has written is quoted; the rest is ours, or of a form that needs no quoting.
  return `"id":"${requestId}","method":${JSON.stringify(method)},"route":"${address.route}",` +
    `"path":${JSON.stringify(path)},"status":${status},` +
    `"elapsedMs":${Math.round(elapsedMs * 1_000) / 1_000}${person}${trace}`;
}
