import { fail } from "../../lib/errors.ts";
import { dayMs } from "../../lib/time.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { KeptAnswer, KeyedRequest } from "./schema.ts";
import { selectAnswer } from "./store/idempotency_keys.ts";

/** How long an answer is given again. */
export const keepAnswersMs = dayMs;

/**
 * What was answered under the request's key within a day; undefined where nothing was. `idempotency_key_reused` where
 * that was the answer to something else.
 */
export async function findAnswer(
  ctx: Needs<"actor" | "database" | "log" | "now">,
  request: KeyedRequest,
): Promise<KeptAnswer | undefined> {
  const kept = await inTransaction(
    ctx,
    ({ sql }) => selectAnswer(sql, request, ctx.now() - keepAnswersMs),
  );
  if (kept === undefined) return undefined;
  const { same, ...answer } = kept;
  return same ? answer : fail("idempotency_key_reused");
}
