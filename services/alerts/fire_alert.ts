import { hourMs } from "../../lib/time.ts";
import { noteChange } from "../changes/mod.ts";
import type { InTransaction, Needs } from "../ctx.ts";
import type { Quote } from "../market_data/mod.ts";
import { requestNotification } from "../notifications/mod.ts";
import { type AlertRow, insertAlertEvent, markFired } from "./store.ts";

type FireNeeds =
  & Needs<"actor" | "database" | "live" | "log" | "newId" | "now" | "queue">
  & InTransaction;

/**
 * A price is news for so long: a mail that is held up for longer is not sent any more. The inbox has it at once. A night
 * of quiet hours fits in.
 */
const newsForMs = 12 * hourMs;

/** Writes that an alert fired, asks for the message to its owner, and keeps both in its history. */
export async function fireAlert(ctx: FireNeeds, alert: AlertRow, quote: Quote): Promise<void> {
  const now = new Date(ctx.now());
  const asOf = new Date(quote.asOf);
  const seen = { side: alert.direction, seen_at: asOf, armed: false };
  await markFired(ctx.sql, alert.id, { ...seen, enabled: alert.repeat_mode !== "once" }, now);
  const requestId = await requestNotification(ctx, {
    userId: alert.user_id,
    type: "market_alert",
    channels: alert.channels,
    priority: "high",
    expiresAtMs: ctx.now() + newsForMs,
    dedupeKey: `${alert.id}_${alert.fired_count + 1}`,
    data: messageData(alert, quote),
  });
  await insertAlertEvent(ctx.sql, {
    id: ctx.newId(),
    alert_id: alert.id,
    user_id: alert.user_id,
    at: now,
    price: quote.price,
    level: alert.level,
    source: quote.source,
    as_of: asOf,
    notification_request_id: requestId,
  });
  noteChange(ctx, {
    userId: alert.user_id,
    kind: "alert",
    id: alert.id,
    operation: "changed",
    version: alert.version + 1,
  });
  ctx.log.info("alert fired", { alertId: alert.id, symbol: alert.symbol });
}

/** The rule, and the price with where it came from: what a person needs to believe the message. */
function messageData({ id, symbol, direction, level, note }: AlertRow, quote: Quote) {
  const { price, currency, asOf, source, synthetic } = quote;
  return { alertId: id, symbol, direction, level, note, price, currency, asOf, source, synthetic };
}
