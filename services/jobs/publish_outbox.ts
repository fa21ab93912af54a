import { asSystem, inTransaction, type Needs } from "../ctx.ts";
import type { JobMessage } from "./schema.ts";
import { claimOutbox, markPublished } from "./store.ts";

const batchMax = 100;
const roundsMax = 20;

type PublishNeeds = Needs<"actor" | "database" | "log" | "now" | "queue">;

/**
 * Publishes what the outbox holds: claim and commit, call QStash outside of any transaction, then settle. A crash in
 * between leaves rows that come up again after their lease; QStash's deduplication and `job_runs` swallow the copy.
 *
 * @returns how many messages were taken by QStash
 */
export async function publishOutbox(ctx: PublishNeeds): Promise<number> {
  const system = asSystem(ctx, "publish_outbox");
  let publishedCount = 0;
  for (let round = 0; round < roundsMax; round++) {
    const claimed = await inTransaction(system, ({ sql }) => claimOutbox(sql, ctx.now(), batchMax));
    if (claimed.length === 0) break;
    const published = await publish(ctx, claimed);
    await inTransaction(system, ({ sql }) => markPublished(sql, published, ctx.now()));
    publishedCount += published.length;
    if (claimed.length < batchMax) break;
  }
  return publishedCount;
}

async function publish(ctx: PublishNeeds, claimed: JobMessage[]) {
  const ids = await ctx.queue.publish(claimed);
  return claimed.flatMap(({ id }, index) => {
    const messageId = ids[index];
    return messageId ? [{ id, messageId }] : [];
  });
}
