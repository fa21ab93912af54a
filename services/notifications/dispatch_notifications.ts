import { eachAtOnce } from "../../lib/gather.ts";
import { isFailure } from "../../lib/errors.ts";
import { minuteMs, secondMs, stopwatch } from "../../lib/time.ts";
import { authoriseSystem } from "../authorise.ts";
import { type InTransaction, inTransaction, type Needs } from "../ctx.ts";
import { enqueueJob } from "../jobs/mod.ts";
import { deliver, type LoadRecipient } from "./deliver.ts";
import { openBeginner } from "./open_beginner.ts";
import { openRecipients } from "./open_recipients.ts";
import { openSettler, type Settler } from "./open_settler.ts";
import { retryOrGiveUp } from "./retry_or_give_up.ts";
import { insertEvent } from "./store.ts";
import {
  type ClaimedNotification,
  claimNotifications,
  isAnyDue,
  type Settlement,
} from "./store/claims.ts";

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
const claimMax = 250;
/** A mail takes a vendor some hundred milliseconds, and no vendor likes to be asked by more of us at once. */
const atOnceMax = 50;

/** How long a slot works: what it has begun by then is over before the job's time, and before the lease of its claim. */
const usualTimes = { claimForMs: 30 * secondMs, beginForMs: 38 * secondMs };

/** What a slot shares among its messages: whose transactions are made together. */
interface Slot {
  loadRecipient: LoadRecipient;
  /** Notes that a message is being sent now; false where it is somebody else's, or a receipt was faster. */
  begin(claimed: ClaimedNotification): Promise<boolean>;
  settle: Settler;
  mayBegin(): boolean;
}

/**
 * Sends what is due until nothing is left or the job's time is over; then it wakes the next slot. A message is claimed and
 * committed, sent outside of any transaction, then settled under its fence: the row is the unit of work, and whoever wakes
 * this only wakes it.
 *
 * @returns how many messages were tried
 */
export async function dispatchNotifications(
  ctx: DispatchNeeds,
  { claimForMs, beginForMs } = usualTimes,
): Promise<number> {
  authoriseSystem(ctx);
  const elapsedMs = stopwatch();
  const slot: Slot = {
    loadRecipient: openRecipients(ctx),
    begin: openBeginner(ctx),
    settle: openSettler(ctx),
    mayBegin: () => !ctx.signal.aborted && elapsedMs() < beginForMs,
  };
  let triedCount = 0;
  while (!ctx.signal.aborted) {
    if (elapsedMs() >= claimForMs) {
      await wakeNext(ctx);
      break;
    }
    const claimed = await inTransaction(ctx, claim);
    if (claimed.length === 0) break;
    await eachAtOnce(claimed, atOnceMax, async (notification) => {
      if (await attempt(ctx, slot, notification)) triedCount++;
    });
  }
  return triedCount;
}

async function claim(ctx: DispatchNeeds & InTransaction): Promise<ClaimedNotification[]> {
  const claimed = await claimNotifications(ctx.sql, ctx.now(), leaseMs, claimMax);
  await Promise.all(
    claimed.filter(({ resumed }) => resumed).map(({ id, user_id }) =>
      insertEvent(ctx.sql, {
        id: ctx.newId(),
        notificationId: id,
        userId: user_id,
        atMs: ctx.now(),
        status: "sending",
        reason: "its sender ended without a word, so that it may have been sent; tried again",
        moved: true,
      })
    ),
  );
  return claimed;
}

/** Wakes one more, where there is something left for it. */
async function wakeNext(ctx: DispatchNeeds): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    if (!await isAnyDue(tx.sql, ctx.now())) return;
    await enqueueJob(tx, { job: "dispatch_notifications", key: ctx.newId() });
  });
}

/**
 * One try of one message. Whatever goes wrong here must not keep its neighbours from being sent.
 *
 * @returns whether it was tried: what nobody has come to is put back
 */
async function attempt(
  ctx: DispatchNeeds,
  slot: Slot,
  claimed: ClaimedNotification,
): Promise<boolean> {
  const tried = slot.mayBegin();
  try {
    const settlement = tried ? await outcomeOf(ctx, slot, claimed) : putBack(ctx);
    if (settlement) await slot.settle({ eventId: ctx.newId(), claimed, settlement });
  } catch (error) {
    // Its lease ends by itself, and it is tried again then.
    ctx.log.error("notification not settled", { notificationId: claimed.id, error });
  }
  return tried;
}

/** Undefined where it turned out not to be ours to send. */
async function outcomeOf(
  ctx: DispatchNeeds,
  slot: Slot,
  claimed: ClaimedNotification,
): Promise<Settlement | undefined> {
  const next = await deliver(ctx, slot.loadRecipient, claimed)
    .catch((error) => setback(ctx, claimed, error));
  if (typeof next === "object") return next;
  // Committed before anything leaves: of a sender that dies it is known then which messages may have gone out.
  if (!await slot.begin(claimed)) return undefined;
  return await next().catch((error) => setback(ctx, claimed, error));
}

function setback(ctx: DispatchNeeds, claimed: ClaimedNotification, error: unknown): Settlement {
  if (isFailure(error, "not_found")) {
    return { status: "cancelled", reason: "there is nobody to tell any more" };
  }
  ctx.log.error("notification not sent", { notificationId: claimed.id, error });
  return retryOrGiveUp(ctx, claimed, { reason: "an error on our side" });
}

function putBack(ctx: DispatchNeeds): Settlement {
  const reason = "its sender's time was over before its turn";
  return { status: "queued", reason, nextAttemptAtMs: ctx.now(), untried: true };
}
