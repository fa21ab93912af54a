import { Cron } from "croner";
import { dayMs, secondMs } from "../../../lib/time.ts";
import type { Timing } from "../schema.ts";

// No slot further back than this is looked for: a job that nobody missed for a year can wait for its next one.
const lookBackMs = 400 * dayMs;

/** The latest slot at `nowMs` or before; minus infinity where there was none within the last four hundred days. */
export function latestSlot(timing: Timing, nowMs: number): number {
  if ("everySeconds" in timing) return floorToSlot(timing, nowMs);
  const [latest] = cronOf(timing).previousRuns(1, new Date(nowMs + 1));
  return latest && latest.getTime() > nowMs - lookBackMs ? latest.getTime() : -Infinity;
}

/** The first slot after `afterMs`. */
export function nextSlot(timing: Timing, afterMs: number): number {
  if ("everySeconds" in timing) {
    return floorToSlot(timing, afterMs) + timing.everySeconds * secondMs;
  }
  const next = cronOf(timing).nextRun(new Date(afterMs));
  if (next === null) throw new RangeError(`the cron expression ${timing.cron} never comes due`);
  return next.getTime();
}

/** The slots after `afterMs` up to and including `untilMs`, earliest first. */
export function slotsAfter(timing: Timing, afterMs: number, untilMs: number): number[] {
  const slots: number[] = [];
  const fromMs = Math.max(afterMs, untilMs - lookBackMs);
  for (let at = nextSlot(timing, fromMs); at <= untilMs; at = nextSlot(timing, at)) slots.push(at);
  return slots;
}

const units: [seconds: number, name: string][] = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
  [1, "second"],
];

/** A schedule in words, for people: `every day at 03:00 UTC`. */
export function describeTiming(timing: Timing): string {
  if ("cron" in timing) return `${timing.cron} (${timing.timeZone})`;
  const { everySeconds, offsetSeconds = 0 } = timing;
  const [seconds, name] = units.find(([seconds]) => everySeconds % seconds === 0) ?? [1, "second"];
  const count = everySeconds / seconds;
  const period = count === 1 ? `every ${name}` : `every ${count} ${name}s`;
  if (name === "day") return `${period} at ${clockOf(offsetSeconds)} UTC`;
  return offsetSeconds === 0 ? period : `${period}, ${offsetSeconds / 60} minutes in`;
}

function clockOf(seconds: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  return `${two(seconds / 3_600)}:${two(seconds % 3_600 / 60)}`;
}

function floorToSlot(
  { everySeconds, offsetSeconds = 0 }: Extract<Timing, { everySeconds: number }>,
  ms: number,
): number {
  const periodMs = everySeconds * secondMs;
  const offsetMs = offsetSeconds * secondMs;
  return Math.floor((ms - offsetMs) / periodMs) * periodMs + offsetMs;
}

/** Its own clock changes, an hour that comes twice and one that does not come at all, are the library's business. */
function cronOf({ cron, timeZone }: Extract<Timing, { cron: string }>): Cron {
  return new Cron(cron, { timezone: timeZone, mode: "5-part", paused: true });
}
