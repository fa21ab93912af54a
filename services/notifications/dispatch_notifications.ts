import { isFailure } from "../../lib/errors.ts";
import { minuteMs, secondMs, stopwatch } from "../../lib/time.ts";
import { authoriseSystem } from "../authorise.ts";
import { type InTransaction, inTransaction, type Needs } from "../ctx.ts";
import { deliver } from "./deliver.ts";
import { retryOrGiveUp } from "./retry_or_give_up.ts";
import { settle } from "./settle.ts";
import { type ClaimedNotification, claimNotifications, insertEvent } from "./store.ts";

export type DispatchNeeds =
  & Needs<
    | "actor"
    | "database"
    | "live"
    | "log"
    | "newId"
    | "now"
    | "queue"
    | "random"
    | "settings"
    | "signal"
    | "vendors"
  >
  & Partial<Needs<"origin">>;

const leaseMs = minuteMs;
const claimMax = 50;
/** Nothing is claimed afterwards, so that what was claimed last is sent before the job's time is over. */
const claimForMs = 30 * secondMs;

/**
 * Sends what is due until nothing is left or the job's time is over. A message is claimed and committed, sent outside
 * of any transaction, then settled under its fence: the row is the unit of work, and whoever wakes this only wakes it.
 *
 * @returns how many messages were tried
 */
export async function dispatchNotifications(ctx: DispatchNeeds): Promise<number> {
  authoriseSystem(ctx);
  const elapsedMs = stopwatch();
  let triedCount = 0;
  while (!ctx.signal.aborted && elapsedMs() < claimForMs) {
    const claimed = await inTransaction(ctx, claim);
    if (claimed.length === 0) break;
    await Promise.all(claimed.map((notification) => attempt(ctx, notification)));
    triedCount += claimed.length;
  }
  return triedCount;
}

async function claim(ctx: DispatchNeeds & InTransaction): Promise<ClaimedNotification[]> {
  const claimed = await claimNotifications(ctx.sql, ctx.now(), leaseMs, claimMax);
  for (const { id, user_id } of claimed.filter(({ resumed }) => resumed)) {
    await insertEvent(ctx.sql, {
      id: ctx.newId(),
      notificationId: id,
      userId: user_id,
      atMs: ctx.now(),
      status: "sending",
      reason: "its sender ended without a word, so that it may have been sent; tried again",
      moved: true,
    });
  }
  return claimed;
}

/** One try of one message. Whatever goes wrong here must not keep its neighbours from being sent. */
async function attempt(ctx: DispatchNeeds, claimed: ClaimedNotification): Promise<void> {
  try {
    const settlement = await deliver(ctx, claimed).catch((error) => {
      if (isFailure(error, "not_found")) {
        return { status: "cancelled", reason: "there is nobody to tell any more" } as const;
      }
      ctx.log.error("notification not sent", { notificationId: claimed.id, error });
      return retryOrGiveUp(ctx, claimed, { reason: "an error on our side" });
    });
    await settle(ctx, claimed, settlement);
  } catch (error) {
    // Its lease ends by itself, and it is tried again then.
    ctx.log.error("notification not settled", { notificationId: claimed.id, error });
  }
}
