import { fail } from "../../lib/errors.ts";
import { recordChange } from "../audit/mod.ts";
import { authorise } from "../authorise.ts";
import { noteChange } from "../changes/mod.ts";
import { type InTransaction, inTransaction, type Needs } from "../ctx.ts";
import { getQuote, type Quote } from "../market_data/mod.ts";
import { sideOf } from "./model/mod.ts";
import type { Alert, AlertInput, AlertSettings } from "./schema.ts";
import {
  type AlertRow,
  countActive,
  insertAlert,
  lockPersonAlerts,
  type SeenColumns,
  selectAlert,
} from "./store.ts";
import { toAlert, toColumns } from "./view.ts";

const activeMax = 50;
/** A price that an alert starts from, or is judged by, was asked for no longer ago than this. */
export const quoteMaxAgeMs = 1_000;

export type AlertNeeds = Needs<
  | "actor"
  | "database"
  | "log"
  | "memory"
  | "newId"
  | "now"
  | "origin"
  | "redis"
  | "requestId"
  | "vendors"
>;

/**
 * Sets an alert. The last good quote decides on which side of the level it starts, so a symbol that nobody can price
 * is refused. The same id with the same content again answers what is stored; with other content it is a conflict.
 */
export async function createAlert(ctx: AlertNeeds, input: AlertInput): Promise<Alert> {
  const { userId } = authorise(ctx, "alerts:write");
  const { quote } = await priceAtStart(ctx, input.symbol);
  return await inTransaction(ctx, async (tx) => {
    const now = new Date(ctx.now());
    await lockPersonAlerts(tx.sql, userId);
    const known = input.id && await selectAlert(tx.sql, userId, input.id);
    if (known) return sameOrConflict(known, input);
    if (isActive(input, now)) await refuseAboveLimit(tx, userId, now);
    const id = input.id ?? ctx.newId();
    const alert = { id, user_id: userId, symbol: input.symbol };
    const columns = { ...toColumns(input), ...startAt(quote, input), ...alert };
    const row = await insertAlert(tx.sql, columns, now) ??
      fail("conflict", { detail: "This id is taken." });
    await recordChange(tx, { action: "alert.created", subjectId: userId, entityId: id });
    noteChange(tx, { userId, kind: "alert", id, operation: "changed", version: row.version });
    return toAlert(row);
  });
}

/** What decides on which side an alert starts. A source may take seconds to say so. */
export async function priceAtStart(ctx: AlertNeeds, symbol: string): Promise<{ quote: Quote }> {
  authorise(ctx, "alerts:write");
  return await getQuote(ctx, symbol, { maxAgeMs: quoteMaxAgeMs });
}

/** Whether an alert counts towards the limit: one that is switched off or over does not. */
export function isActive({ enabled, expiresAt }: AlertSettings, now: Date): boolean {
  return enabled && (expiresAt === null || Date.parse(expiresAt) > now.getTime());
}

/** `alert_limit_reached` where one more active alert would be too many. */
export async function refuseAboveLimit(
  { sql }: InTransaction,
  userId: string,
  now: Date,
): Promise<void> {
  if (await countActive(sql, userId, now) < activeMax) return;
  fail("alert_limit_reached", { detail: `At most ${activeMax} alerts of one person are active.` });
}

/** Where the price stands past the level already there is nothing to cross, so it counts as seen there. */
export function startAt(quote: Quote, { level, direction }: AlertSettings): SeenColumns {
  const side = sideOf(quote.price, level, direction);
  return { side, seen_at: new Date(quote.asOf), armed: true };
}

/** What firing may have changed since does not make it another alert. */
function sameOrConflict(known: AlertRow, input: AlertInput): Alert {
  const { enabled: _, ...wanted } = toColumns(input);
  const same = known.symbol === input.symbol &&
    Object.entries(wanted).every(([name, value]) =>
      JSON.stringify(known[name as keyof AlertRow]) === JSON.stringify(value)
    );
  return same ? toAlert(known) : fail("conflict", { detail: "This id stands for another alert." });
}
