import { secondMs, stopwatch } from "../../lib/time.ts";
import { asSystem, inTransaction, type Needs } from "../ctx.ts";
import type { OutboxMessage } from "./schema.ts";
import { claimOutbox, markPublished } from "./store/outbox.ts";

const batchMax = 100;
/** Nothing is claimed afterwards: what is left is for the next nudge or tick. */
const claimForMs = 40 * secondMs;

type PublishNeeds = Needs<"actor" | "database" | "log" | "now" | "queue">;

/**
 * Publishes what the outbox holds: claim and commit, call QStash outside of any transaction, then settle. A crash in
 * between leaves rows that come up again after their lease; QStash's deduplication and `job_runs` swallow the copy.
 *
 * @returns how many rows were published
 */
export async function publishOutbox(ctx: PublishNeeds): Promise<number> {
  const system = asSystem(ctx, "publish_outbox");
  const elapsedMs = stopwatch();
  let publishedCount = 0;
  while (elapsedMs() < claimForMs) {
    const claimed = await inTransaction(system, ({ sql }) => claimOutbox(sql, ctx.now(), batchMax));
    if (claimed.length === 0) break;
    const published = await publish(ctx, claimed);
    await inTransaction(system, ({ sql }) => markPublished(sql, published, ctx.now()));
    publishedCount += published.length;
    if (claimed.length < batchMax) break;
  }
  return publishedCount;
}

async function publish({ queue }: PublishNeeds, claimed: OutboxMessage[]) {
  const taken = await queue.publish(claimed);
  return claimed.flatMap(({ id }, index) => {
    const one = taken[index];
    return one ? [{ id, ...one }] : [];
  });
}
