import type { InTransaction, Needs } from "../ctx.ts";
import { enqueueJob } from "../jobs/mod.ts";

type AnnounceNeeds = Needs<"keys" | "newId" | "queue"> & InTransaction;

/**
 * Tells every process that sessions have ended, in the transaction that ends them and before it commits: a crash right
 * after the commit would leave their access tokens good for a quarter of an hour. Where Redis does not take it, a job
 * goes on trying.
 */
export async function announceRevoked(tx: AnnounceNeeds, sessionIds: string[]): Promise<void> {
  const [first] = sessionIds;
  if (first === undefined || await tx.keys.revocations.announce(sessionIds)) return;
  await enqueueJob(tx, { job: "announce_revocations", key: first, payload: { sessionIds } });
}
