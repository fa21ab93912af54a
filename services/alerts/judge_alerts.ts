import { inSavepoint } from "../../lib/database.ts";
import { minuteMs } from "../../lib/time.ts";
import { authoriseSystem } from "../authorise.ts";
import { noteChange } from "../changes/mod.ts";
import { type InTransaction, inTransaction, type Needs } from "../ctx.ts";
import { getQuote, type Quote } from "../market_data/mod.ts";
import { quoteMaxAgeMs } from "./create_alert.ts";
import { fireAlert } from "./fire_alert.ts";
import { judge } from "./model/mod.ts";
import {
  type AlertRow,
  lockAlertsToJudge,
  type SeenColumns,
  selectWatchedSymbols,
  updateSeen,
} from "./store.ts";

export type JudgeNeeds = Needs<
  | "actor"
  | "database"
  | "live"
  | "log"
  | "memory"
  | "newId"
  | "now"
  | "queue"
  | "redis"
  | "signal"
  | "vendors"
>;

/** So many symbols are priced at a time: one that waits for its source does not hold the others up. */
const symbolsAtOnce = 8;
/** So many alerts are in one transaction: a price that a hundred thousand wait for must not outlast its deadline. */
const batchMax = 200;
/** Free feeds run a quarter of an hour late; what was made earlier is no present price. */
const priceAgeMaxMs = 20 * minuteMs;
/** Below it sources contradict each other. */
const confidenceMin = 0.5;

/**
 * Judges every active alert by the present price of its symbol. What fires is written with the message to the person
 * in one transaction, so that a crash loses or doubles neither. A price that is stale, contradicted or from outside of
 * trading hours, or none at all, fires nothing.
 */
export async function judgeAlerts(ctx: JudgeNeeds): Promise<{ symbols: number; fired: number }> {
  authoriseSystem(ctx);
  const now = new Date(ctx.now());
  const symbols = await inTransaction(ctx, ({ sql }) => selectWatchedSymbols(sql, now));
  const waiting = symbols.values();
  let fired = 0;
  async function work() {
    for (const symbol of waiting) {
      if (ctx.signal.aborted) return;
      fired += await judgeSymbol(ctx, symbol);
    }
  }
  await Promise.all(Array.from({ length: symbolsAtOnce }, work));
  return { symbols: symbols.length, fired };
}

/** How many alerts on a symbol fired. Whatever goes wrong with one symbol is not the others' concern. */
async function judgeSymbol(ctx: JudgeNeeds, symbol: string): Promise<number> {
  let fired = 0;
  try {
    const { quote } = await getQuote(ctx, symbol, { maxAgeMs: quoteMaxAgeMs });
    if (!mayFire(quote, ctx.now())) return 0;
    let afterId: string | null = null;
    do {
      const batch: Batch = await inTransaction(ctx, (tx) => judgeBatch(tx, quote, afterId));
      fired += batch.fired;
      afterId = batch.nextAfterId;
    } while (afterId !== null && !ctx.signal.aborted);
  } catch (error) {
    ctx.log.warn("alerts not judged", { symbol, error });
  }
  return fired;
}

function mayFire({ stale, session, confidence, asOf }: Quote, nowMs: number): boolean {
  const isPresent = nowMs - Date.parse(asOf) <= priceAgeMaxMs;
  return !stale && session === "regular" && confidence >= confidenceMin && isPresent;
}

interface Batch {
  fired: number;
  /** Null where there are no more. */
  nextAfterId: string | null;
}

async function judgeBatch(
  ctx: JudgeNeeds & InTransaction,
  quote: Quote,
  afterId: string | null,
): Promise<Batch> {
  const asOf = new Date(quote.asOf);
  const now = new Date(ctx.now());
  const alerts = await lockAlertsToJudge(ctx.sql, { ...quote, asOf, now }, afterId, batchMax);
  let fired = 0;
  for (const alert of alerts) {
    const { fires, side, armed } = judge(watchedOf(alert), quote.price, ctx.now());
    if (!fires) await see(ctx, alert, { side, armed, seen_at: asOf });
    else if (await tryToFire(ctx, alert, quote)) fired++;
  }
  return { fired, nextAfterId: alerts.length === batchMax ? alerts.at(-1)?.id ?? null : null };
}

/** Where a price stands is no news; that an alert is ready to fire again, its owner sees. */
async function see(
  ctx: JudgeNeeds & InTransaction,
  { id, user_id: userId, armed, version }: AlertRow,
  seen: SeenColumns,
): Promise<void> {
  await updateSeen(ctx.sql, id, seen);
  if (seen.armed === armed) return;
  noteChange(ctx, { userId, kind: "alert", id, operation: "changed", version: version + 1 });
}

function watchedOf(alert: AlertRow) {
  return {
    direction: alert.direction,
    level: alert.level,
    side: alert.side,
    armed: alert.armed,
    repeat: { mode: alert.repeat_mode, seconds: alert.cooldown_seconds ?? undefined },
    lastFiredAtMs: alert.last_fired_at?.getTime() ?? null,
  };
}

/** One alert that cannot be told of stays as it is, for the next sweep, and keeps nobody else's from firing. */
async function tryToFire(
  ctx: JudgeNeeds & InTransaction,
  alert: AlertRow,
  quote: Quote,
): Promise<boolean> {
  // What is undone must not be told of either, so it is asked for only once the alert has fired.
  const asked: (() => void)[] = [];
  const attempt: typeof ctx = {
    ...ctx,
    beforeCommit: (write, item) => void asked.push(() => ctx.beforeCommit(write, item)),
    afterCommit: (work) => void asked.push(() => ctx.afterCommit(work)),
  };
  try {
    await inSavepoint(ctx.sql, () => fireAlert(attempt, alert, quote));
  } catch (error) {
    ctx.log.error("alert not fired", { alertId: alert.id, error });
    return false;
  }
  for (const ask of asked) ask();
  return true;
}
