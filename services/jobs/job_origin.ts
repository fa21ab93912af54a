import type { Needs } from "../ctx.ts";
import type { JobOrigin } from "./schema.ts";

/** Every context has both. A verb that only asks for a job need not say that it passes them on. */
export type OriginNeeds = Partial<Needs<"origin" | "requestId">>;

/** What a job's log line will name: the request that asked for it, or that asked for the job that did. */
export function jobOrigin({ requestId, origin }: OriginNeeds): JobOrigin {
  return { requestId: requestId ?? null, traceparent: origin?.trace?.traceparent ?? null };
}
