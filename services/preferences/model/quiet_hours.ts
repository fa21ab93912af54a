import type { LocalTime, ZonedTime } from "../../../lib/zoned_time.ts";
import type { QuietHours } from "../schema.ts";
import { weekdays } from "./vocabulary.ts";

/**
 * When a message may go out that would be sent at `nowMs`: undefined for at once, else the moment at which the quiet
 * window closes. The window is one of wall-clock times in the person's own zone: over midnight it belongs to the day
 * on which it opens, and over a change of the clocks it is as long as that night really is.
 *
 * @param zoned the rules of time zones; a window's edge that falls into the hour that spring skips moves behind it
 */
export function quietUntil(
  quiet: QuietHours | null,
  nowMs: number,
  zoned: ZonedTime,
): number | undefined {
  if (quiet === null) return undefined;
  const today = zoned.localDay(nowMs, quiet.timeZone);
  // A window that opened yesterday may still be open.
  for (const day of [zoned.addDays(today, -1), today]) {
    if (!quiet.days.includes(weekdays[zoned.weekday(day)]!)) continue;
    const start = parse(quiet.start);
    const end = parse(quiet.end);
    const endDay = minutes(end) <= minutes(start) ? zoned.addDays(day, 1) : day;
    const startMs = zoned.toEpochMs(day, start, quiet.timeZone);
    const endMs = zoned.toEpochMs(endDay, end, quiet.timeZone);
    if (startMs <= nowMs && nowMs < endMs) return endMs;
  }
  return undefined;
}

function parse(text: string): LocalTime {
  const [hour, minute] = text.split(":").map(Number);
  return { hour: hour ?? 0, minute: minute ?? 0 };
}

function minutes({ hour, minute }: LocalTime): number {
  return hour * 60 + minute;
}
