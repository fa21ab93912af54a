import type { Actor, InTransaction, Needs } from "../ctx.ts";
import { insertAudit } from "./store.ts";

export interface Change {
  /** `alert.created`: the noun, and what happened to it. */
  action: string;
  /** The person whose data it is. */
  subjectId?: string;
  entityId?: string;
  /** The names of the fields that changed. Values are personal and not kept in the clear. */
  fields?: string[];
}

/** Writes the audit row of a change inside the transaction that makes it: one does not exist without the other. */
export async function recordChange(
  ctx: Needs<"actor" | "newId" | "now" | "origin" | "requestId"> & InTransaction,
  change: Change,
): Promise<void> {
  await insertAudit(ctx.sql, {
    id: ctx.newId(),
    atMs: ctx.now(),
    actorKind: ctx.actor.kind,
    actorId: nameOf(ctx.actor),
    subjectId: change.subjectId ?? null,
    action: change.action,
    entityId: change.entityId ?? null,
    fields: change.fields ?? [],
    requestId: ctx.requestId,
    address: ctx.origin.address,
    userAgent: ctx.origin.userAgent.slice(0, 200),
  });
}

function nameOf(actor: Actor): string {
  if (actor.kind === "person") return actor.userId;
  return actor.kind === "system" ? actor.job : "anonymous";
}
