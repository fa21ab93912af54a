import { type RedisStreamData } from "js-redis-server/core";
import { compareIds, type StreamId } from "./stream_ids.ts";

/** What happens to consumer groups that still hold an entry which is to go. */
export type ReferencePolicy = "KEEPREF" | "DELREF" | "ACKED";

export type Outcome = "deleted" | "missing" | "referenced";

export function readPolicy(word: string | undefined): ReferencePolicy | undefined {
  const policy = word?.toUpperCase();
  return policy === "KEEPREF" || policy === "DELREF" || policy === "ACKED" ? policy : undefined;
}

export function removeEntry(
  stream: RedisStreamData,
  id: StreamId,
  policy: ReferencePolicy,
): Outcome {
  const at = stream.entries.findIndex((entry) => compareIds(entry.id, id) === 0);
  if (at < 0) return "missing";
  if (policy === "ACKED" && isReferenced(stream, id)) return "referenced";
  stream.entries.splice(at, 1);
  if (compareIds(id, stream.maxDeletedEntryId) > 0) stream.maxDeletedEntryId = { ...id };
  if (policy === "DELREF") {
    for (const { pending } of stream.groups.values()) {
      forget(pending, id);
    }
  }
  return "deleted";
}

export function forget(pending: Map<string, { id: StreamId }>, id: StreamId): boolean {
  const held = [...pending].find(([, entry]) => compareIds(entry.id, id) === 0);
  return held !== undefined && pending.delete(held[0]);
}

/** A group refers to an entry that it has not been given yet, or has not acknowledged. */
function isReferenced(stream: RedisStreamData, id: StreamId): boolean {
  return [...stream.groups.values()].some(({ lastDeliveredId, pending }) =>
    compareIds(id, lastDeliveredId) > 0 ||
    [...pending.values()].some((entry) => compareIds(entry.id, id) === 0)
  );
}
