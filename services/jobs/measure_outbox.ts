import { inTransaction, type Needs } from "../ctx.ts";
import { selectOldestWaiting } from "./store/outbox.ts";

/** For how long the oldest message has been waiting that could have been published, in seconds; 0 where none waits. */
export async function measureOutbox(
  ctx: Needs<"actor" | "database" | "log" | "now">,
): Promise<{ lagSeconds: number }> {
  const oldest = await inTransaction(ctx, ({ sql }) => selectOldestWaiting(sql));
  if (oldest === undefined) return { lagSeconds: 0 };
  return { lagSeconds: Math.max(0, Math.round((ctx.now() - oldest.getTime()) / 1_000)) };
}
