import type { DispatchNeeds } from "./dispatch_notifications.ts";
import { unknownRestMs } from "./model/mod.ts";
import type { MailProvider, OutgoingMail, SendOutcome } from "./ports.ts";
import { retryOrGiveUp } from "./retry_or_give_up.ts";
import type { ClaimedNotification, Settlement } from "./store/claims.ts";

/** What is known after asking the providers in their order. */
interface Tried {
  provider: MailProvider;
  outcome: SendOutcome;
}

/** Sends the mail of a claimed message and answers what came of it. */
export async function sendMail(
  ctx: DispatchNeeds,
  claimed: ClaimedNotification,
  mail: OutgoingMail,
): Promise<Settlement> {
  const tried = await askProviders(ctx, mail, claimed.id);
  return tried === undefined
    ? { status: "dead", reason: "no mail provider is set up" }
    : settlementOf(ctx, claimed, tried);
}

/**
 * The next provider is asked only where this one surely did nothing and the fault is its own. After an answer that
 * never came another one would risk sending twice, so nobody else is asked.
 */
async function askProviders(
  ctx: DispatchNeeds,
  mail: OutgoingMail,
  notificationId: string,
): Promise<Tried | undefined> {
  let tried: Tried | undefined;
  for (const provider of await ctx.vendors.mail()) {
    // The same key in every try: it is what keeps a vendor from sending twice what it has sent without a word.
    const options = {
      signal: ctx.signal,
      idempotencyKey: notificationId,
      trace: ctx.origin?.trace,
    };
    const outcome = await provider.send(mail, options);
    tried = { provider, outcome };
    if (outcome.outcome !== "refused" || outcome.scope !== "provider") break;
  }
  return tried;
}

function settlementOf(
  ctx: DispatchNeeds,
  claimed: ClaimedNotification,
  { provider: { name: provider, receipts }, outcome }: Tried,
): Settlement {
  switch (outcome.outcome) {
    case "accepted": {
      const { providerMessageId } = outcome;
      return { status: "sent", reason: `accepted by ${provider}`, provider, providerMessageId };
    }
    case "refused": {
      const reason = `refused by ${provider}: ${outcome.reason}`;
      if (outcome.scope !== "provider") return { status: "dead", reason, provider };
      return retryOrGiveUp(ctx, claimed, { reason, provider, restMs: outcome.retryAfterMs });
    }
    case "unknown": {
      const reason = `maybe sent, no answer from ${provider}: ${outcome.reason}`;
      // Where no receipt can ever tell, one duplicate is the most that is risked.
      if (claimed.maybe_sent && !receipts) {
        return { status: "dead", reason: `${reason}; not risked again`, provider };
      }
      const restMs = unknownRestMs;
      return retryOrGiveUp(ctx, claimed, { reason, provider, restMs, maybeSent: true });
    }
  }
}
