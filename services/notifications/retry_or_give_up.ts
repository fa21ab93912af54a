import type { Needs } from "../ctx.ts";
import { nextTryMs } from "./model/mod.ts";
import type { ClaimedNotification, Settlement } from "./store/claims.ts";

/** Why a try came to nothing. */
interface Setback {
  reason: string;
  provider?: string;
  /** Not before so long from now. */
  restMs?: number;
  maybeSent?: boolean;
}

/** Back into the queue for the next try, or dead where there is none left. */
export function retryOrGiveUp(
  ctx: Needs<"now" | "random">,
  { attempts }: ClaimedNotification,
  { reason, restMs, ...rest }: Setback,
): Settlement {
  const [byte = 0] = ctx.random(1);
  const jitter = byte / 255;
  const nextAttemptAtMs = nextTryMs(attempts, ctx.now(), jitter, restMs);
  return nextAttemptAtMs === undefined
    ? { status: "dead", reason: `${reason}; no tries left`, ...rest }
    : { status: "queued", reason, nextAttemptAtMs, ...rest };
}
