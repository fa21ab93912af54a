import { type DayNumber, dayNumber, lastTradingDay, utcDay } from "../../lib/calendar.ts";
import { contentTag } from "../../lib/content_tag.ts";
import { dayMs, hourMs, minuteMs, secondMs } from "../../lib/time.ts";
import type { Needs } from "../ctx.ts";
import { type BarsRange, intervalMs, loadBars } from "./load_bars.ts";
import { mayReadMarket } from "./may_read_market.ts";
import type { BarsPage, BarsQuery, Interval } from "./schema.ts";

export type BarsNeeds = Needs<"actor" | "log" | "memory" | "now" | "redis" | "vendors">;

/** A page of bars ready to be sent. */
export interface KeptBars {
  page: BarsPage;
  body: string;
  etag: string;
}

const defaultDays: Record<Interval, number> = { "1d": 365, "1h": 30, "5m": 5, "1m": 1 };
const memoryMaxMs = minuteMs;
const redisMaxMs = hourMs;

/**
 * A page of a symbol's completed bars, the oldest first. Memory, then Redis for an hour, then the providers; bars
 * within a day are kept no longer than one of them lasts. `unknown_symbol`; `no_price_source`; `invalid_request` where
 * the source has no bars of that kind.
 */
export async function getBars(
  ctx: BarsNeeds,
  symbol: string,
  query: BarsQuery,
): Promise<KeptBars> {
  mayReadMarket(ctx);
  const range = rangeOf(symbol, query, utcDay(ctx.now()));
  const key = ["bars:1", ...Object.values(range), freshDayMark(ctx.now())].join(":");
  return ctx.memory.get<KeptBars>(key) ?? await ctx.memory.once(key, () => fill(ctx, key, range));
}

/** Days of the calendar become moments; what lies ahead is cut off. */
function rangeOf(symbol: string, query: BarsQuery, today: DayNumber): BarsRange {
  const { interval, adjust, limit, cursor = 0 } = query;
  const to = Math.min(query.to === undefined ? today : dayNumber(query.to), today);
  const from = query.from === undefined ? to - defaultDays[interval] : dayNumber(query.from);
  const toMs = (to + 1) * dayMs;
  const fromMs = Math.min(Math.max(from * dayMs, cursor), toMs);
  return { symbol, interval, adjust, limit, fromMs, toMs };
}

/** Changes whenever a trading day ends, in New York or in UTC: a page kept before lacks that day's bar. */
function freshDayMark(nowMs: number): string {
  const closedBy = lastTradingDay(nowMs - 6.5 * hourMs);
  return `${utcDay(nowMs)}:${closedBy}`;
}

async function fill(ctx: BarsNeeds, key: string, range: BarsRange): Promise<KeptBars> {
  const stored = await ctx.redis.attempt((redis) => redis.get<string | null>(key));
  const page = stored ? JSON.parse(stored) as BarsPage : await loadBars(ctx, range);
  const body = stored || JSON.stringify(page);
  const kept = { page, body, etag: contentTag(body) };
  const stepMs = intervalMs[range.interval];
  ctx.memory.set(key, kept, Math.min(memoryMaxMs, stepMs / 2));
  // Undefined is Redis away, null is Redis without it.
  if (stored === null) {
    const seconds = Math.min(redisMaxMs, stepMs / 2) / secondMs;
    await ctx.redis.attempt((redis) => redis.set(key, body, { ex: seconds }));
  }
  return kept;
}
