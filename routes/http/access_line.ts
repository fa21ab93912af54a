import type { Fields } from "../../lib/log.ts";
import type { Exchange } from "./env.ts";

/** What the log keeps of one request: whose it was by id, never an address or what was sent. */
export function accessLine(
  { ctx, address }: Exchange,
  method: string,
  path: string,
  status: number,
  elapsedMs: number,
): Fields {
  const { actor, requestId } = ctx;
  return {
    id: requestId,
    method,
    route: address.route,
    path,
    status,
    elapsedMs: Math.round(elapsedMs * 1_000) / 1_000,
    ...(actor.kind === "person" ? { userId: actor.userId } : {}),
  };
}
