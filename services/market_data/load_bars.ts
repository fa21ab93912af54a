import { dayText, utcDay } from "../../lib/calendar.ts";
import { fail } from "../../lib/errors.ts";
import { dayMs, type EpochMs, hourMs, minuteMs, toInstant } from "../../lib/time.ts";
import type { Needs } from "../ctx.ts";
import { askProviders, isUnknown } from "./ask_providers.ts";
import { adjustBars, type CorporateAction, hasEnded } from "./model/mod.ts";
import { type ProviderBar, ProviderFailure, type QuoteProvider } from "./ports.ts";
import type { Adjust, Bar, BarsPage, Interval } from "./schema.ts";
import { suggestSymbols } from "./suggest_symbols.ts";

export interface BarsRange {
  symbol: string;
  interval: Interval;
  adjust: Adjust;
  limit: number;
  /** Bars that begin in `[fromMs, toMs)`. */
  fromMs: EpochMs;
  toMs: EpochMs;
}

type LoadNeeds = Needs<"log" | "now" | "vendors">;
type NumericBar = Omit<Bar, "time"> & { startMs: EpochMs };

export const intervalMs: Record<Interval, number> = {
  "1d": dayMs,
  "1h": hourMs,
  "5m": 5 * minuteMs,
  "1m": minuteMs,
};

/**
 * Shares trade a fifth of the hours of a week, and now and then not for five days: in a window this long there is a
 * page of bars, or the next page begins behind it.
 */
const hoursPerTradingHour = 6;
const closedAtMostMs = 6 * dayMs;

/** A page of bars from the first provider that has them, restated as asked. Errors as `getBars`. */
export async function loadBars(ctx: LoadNeeds, range: BarsRange): Promise<BarsPage> {
  const { symbol, interval, adjust, limit, toMs } = range;
  const windowMs = limit * intervalMs[interval] * hoursPerTradingHour + closedAtMostMs;
  const endMs = Math.min(toMs, range.fromMs + windowMs);
  const asked = { ...range, toMs: endMs };
  const said = await askProviders(
    ctx,
    (provider, signal) => barsOf(provider, asked, ctx.now(), signal),
  );
  if (!said.answer) return await refuse(ctx, range, said.failures);
  const items = said.answer.filter((bar) => bar.startMs < endMs && isOver(range, bar, ctx.now()));
  const nextMs = items[limit]?.startMs ?? (endMs < toMs ? endMs : undefined);
  return {
    symbol,
    interval,
    adjust,
    source: said.provider.name,
    synthetic: said.provider.synthetic,
    items: items.slice(0, limit).map((bar) => toBar(bar, interval)),
    nextCursor: nextMs === undefined ? null : nextMs.toString(36),
  };
}

async function barsOf(
  provider: QuoteProvider,
  { symbol, interval, adjust, fromMs, toMs }: BarsRange,
  nowMs: EpochMs,
  signal: AbortSignal,
): Promise<NumericBar[]> {
  const range = { interval, from: fromMs, to: toMs, signal };
  const given = await provider.bars(symbol, range);
  const has = given[0]?.adjusted ?? adjust;
  if (has === adjust) return given.map(toNumbers);
  const everything = { from: fromMs, to: nowMs, signal };
  const actions = (await provider.actions?.(symbol, everything))?.map(toAction);
  if (actions === undefined || (actions.length > 0 && interval !== "1d")) {
    throw new ProviderFailure(provider.name, "refused", `${interval} bars adjusted for ${adjust}`);
  }
  // A dividend is set against the close before it, which may lie behind the window.
  const needsMore = adjust === "all" && actions.some(({ exMs }) => exMs >= toMs);
  const bars = needsMore ? await provider.bars(symbol, { ...range, to: nowMs }) : given;
  return adjustBars(bars.map(toNumbers), actions, has, adjust) ??
    refuseToRestate(provider, has, adjust);
}

function refuseToRestate(provider: QuoteProvider, has: Adjust, wanted: Adjust): never {
  throw new ProviderFailure(provider.name, "refused", `bars adjusted for ${wanted}, not ${has}`);
}

function toNumbers({ startMs, open, high, low, close, volume }: ProviderBar): NumericBar {
  return {
    startMs,
    open: Number(open),
    high: Number(high),
    low: Number(low),
    close: Number(close),
    volume,
  };
}

type Actions = Awaited<ReturnType<NonNullable<QuoteProvider["actions"]>>>;

function toAction(action: Actions[number]): CorporateAction {
  return action.kind === "split" ? action : { ...action, amount: Number(action.amount) };
}

function isOver({ symbol, interval }: BarsRange, { startMs }: NumericBar, nowMs: EpochMs): boolean {
  if (interval === "1d") return hasEnded(symbol, startMs, nowMs);
  return startMs + intervalMs[interval] <= nowMs;
}

function toBar({ startMs, ...prices }: NumericBar, interval: Interval): Bar {
  const time = interval === "1d" ? dayText(utcDay(startMs)) : toInstant(startMs);
  return { time, ...prices };
}

async function refuse(
  ctx: LoadNeeds,
  range: BarsRange,
  failures: ProviderFailure[],
): Promise<never> {
  const { symbol, interval, adjust } = range;
  if (isUnknown(failures)) {
    fail("unknown_symbol", { detail: await suggestSymbols(ctx, symbol) });
  }
  if (failures.every(({ kind }) => kind === "refused" || kind === "unknown_symbol")) {
    const message = `bars of ${interval} adjusted for ${adjust} are not to be had for ${symbol} ` +
      "and these days";
    fail("invalid_request", { errors: [{ path: "interval", message }] });
  }
  ctx.log.warn("no bars", { symbol, failures: failures.map(({ message }) => message) });
  return fail("no_price_source");
}
