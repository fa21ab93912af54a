import type { JobSchedule } from "../schema.ts";

const tickMs = 60_000;

/**
 * The moments at which a job falls due after `lastDueMs` and before the next tick, earliest first. Of the moments that
 * lie in the past only the latest counts: a sweep that did not run for an hour is wanted once, not sixty times.
 */
export function dueSlots(schedule: JobSchedule, lastDueMs: number, nowMs: number): number[] {
  const periodMs = schedule.everySeconds * 1_000;
  const offsetMs = (schedule.offsetSeconds ?? 0) * 1_000;
  const latestPastMs = Math.floor((nowMs - offsetMs) / periodMs) * periodMs + offsetMs;
  const slots: number[] = [];
  for (let slotMs = latestPastMs; slotMs < nowMs + tickMs; slotMs += periodMs) {
    const dueNow = slotMs <= nowMs;
    // A slot in the coming minute is started ahead only where the period is shorter than a tick.
    if (slotMs > lastDueMs && (dueNow || periodMs < tickMs)) slots.push(slotMs);
  }
  return slots;
}
