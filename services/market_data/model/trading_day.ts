import { tradingHours, utcDay } from "../../../lib/calendar.ts";
import type { EpochMs } from "../../../lib/time.ts";

const pairPattern = /-[A-Z]{3,4}$/;

/**
 * Whether the bar of a trading day, given by its midnight UTC, is complete. Days before today are; today's is once New
 * York has closed, since exchanges further east have by then. A pair such as BTC-USD trades until midnight.
 */
export function hasEnded(symbol: string, startMs: EpochMs, nowMs: EpochMs): boolean {
  const day = utcDay(startMs);
  if (day < utcDay(nowMs)) return true;
  const hours = tradingHours(day);
  return hours !== undefined && hours.closeMs <= nowMs && !pairPattern.test(symbol);
}
