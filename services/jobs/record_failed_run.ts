import { isFailure } from "../../lib/errors.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { Delivery } from "./schema.ts";
import { failRun } from "./store/runs.ts";

/**
 * Notes a failed try beside the run, in a transaction of its own since the work's was rolled back. Best effort: what
 * QStash hears is the error of the work.
 */
export async function recordFailedRun(
  ctx: Needs<"actor" | "database" | "log" | "now" | "requestId">,
  delivery: Delivery,
  error: unknown,
  fence: number | null = null,
): Promise<void> {
  const errorCode = isFailure(error) ? error.code : "internal";
  const { last } = delivery;
  try {
    await inTransaction(
      ctx,
      ({ sql }) => failRun(sql, delivery, ctx.requestId, ctx.now(), { errorCode, fence, last }),
    );
  } catch (second) {
    ctx.log.error("run not noted", { error: second });
  }
}
