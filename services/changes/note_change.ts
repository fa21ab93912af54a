import type { Sql } from "../../lib/database.ts";
import type { InTransaction, Needs } from "../ctx.ts";
import type { KindName, Operation } from "./schema.ts";
import { type NewChange, upsertChanges } from "./store.ts";

/** What has become of a thing that a phone may have kept. */
export interface Noted {
  /** Whose it is. */
  userId: string;
  kind: KindName;
  id: string;
  operation: Operation;
  version?: number;
}

/**
 * Notes for the phones of a person that something of theirs has changed. Called inside the transaction that changes
 * it; only collects. One statement right before the commit writes what all verbs of the transaction have noted.
 */
export function noteChange(
  ctx: Needs<"now"> & Pick<InTransaction, "beforeCommit">,
  { userId, kind, id, operation, version }: Noted,
): void {
  const entityId = id.toLowerCase();
  const change = { userId, kind, entityId, operation, version: version ?? null, atMs: ctx.now() };
  ctx.beforeCommit(writeChanges, change);
}

/** The last word about each thing, in the order in which these were said: a statement writes no row twice. */
async function writeChanges(sql: Sql, noted: NewChange[]): Promise<void> {
  const latest = new Map<string, NewChange>();
  for (const change of noted) {
    const key = `${change.userId}/${change.kind}/${change.entityId}`;
    // Put back at the end, where its last change belongs.
    latest.delete(key);
    latest.set(key, change);
  }
  await upsertChanges(sql, [...latest.values()]);
}
