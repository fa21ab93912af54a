import { minuteMs, secondMs } from "../../../lib/time.ts";
import type { JobSchedule, Timing } from "../schema.ts";
import { latestSlot, nextSlot, slotsAfter } from "./slots.ts";

/** A tick comes each minute. */
const tickMs = minuteMs;
const missedMax = 1_000;

/**
 * The moments at which a job falls due after `lastDueMs` and before the next tick, earliest first. Those that lie in
 * the past count as the schedule's `catchUp` says: a sweep that did not run for an hour is wanted once, not sixty times;
 * a statement of each day is wanted for every one of them.
 */
export function dueSlots(schedule: JobSchedule, lastDueMs: number, nowMs: number): number[] {
  const missed = missedSlots(schedule, lastDueMs, nowMs);
  // A slot in the coming minute is started ahead only where the period is shorter than a tick.
  if (!isShort(schedule)) return missed;
  const coming = slotsAfter(schedule, Math.max(lastDueMs, nowMs), nowMs + tickMs - 1);
  return [...missed, ...coming];
}

/** When a job falls due next, if nothing is left to be made up for. */
export function nextDueMs(schedule: JobSchedule, nowMs: number): number {
  return nextSlot(schedule, nowMs);
}

function missedSlots(schedule: JobSchedule, lastDueMs: number, nowMs: number): number[] {
  switch (schedule.catchUp ?? "latest") {
    case "each":
      return slotsAfter(schedule, lastDueMs, nowMs).slice(-missedMax);
    case "latest":
      return [latestSlot(schedule, nowMs)].filter((slotMs) => slotMs > lastDueMs);
    case "skip":
      return [latestSlot(schedule, nowMs)]
        .filter((slotMs) => slotMs > lastDueMs && slotMs > nowMs - tickMs);
  }
}

function isShort(timing: Timing): boolean {
  return "everySeconds" in timing && timing.everySeconds * secondMs < tickMs;
}
