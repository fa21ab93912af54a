import { isFailure } from "../../lib/errors.ts";
import { createGatherer, type Outcome } from "../../lib/gather.ts";
import { pause, secondMs } from "../../lib/time.ts";
import type { DispatchNeeds } from "./dispatch_notifications.ts";
import { settle } from "./settle.ts";
import type { Ended } from "./store/claims.ts";

export type Settler = (ended: Ended) => Promise<void>;

const breathMs = secondMs;

/**
 * Settles for many senders at once: what ends while one transaction is at work is in the next. Where Postgres refuses a
 * batch, halves are tried, so that one bad message holds up nothing but itself. Where Postgres is away, all of it is
 * tried once more: mails that went out and are not known to have would go out again.
 */
export function openSettler(ctx: DispatchNeeds): Settler {
  return createGatherer((ended) => settleApart(ctx, ended));
}

async function settleApart(ctx: DispatchNeeds, ended: Ended[]): Promise<Outcome<void>[]> {
  try {
    await settle(ctx, ended).catch(async (error) => {
      if (!isFailure(error, "unavailable")) throw error;
      await pause(breathMs);
      await settle(ctx, ended);
    });
    return ended.map(() => ({ status: "fulfilled", value: undefined }));
  } catch (reason) {
    if (ended.length === 1 || isFailure(reason, "unavailable")) {
      return ended.map(() => ({ status: "rejected", reason }));
    }
    const middle = Math.ceil(ended.length / 2);
    return [
      ...await settleApart(ctx, ended.slice(0, middle)),
      ...await settleApart(ctx, ended.slice(middle)),
    ];
  }
}
