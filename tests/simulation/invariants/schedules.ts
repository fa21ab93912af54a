import type { OutboxRow } from "../stores/state.ts";
import type { Change } from "../stores/tables.ts";
import type { World } from "../world/world.ts";
import type { Watch } from "./mod.ts";

type Found = Generator<string>;

/** A slot that was started, and when it was. */
export interface SlotStart {
  job: string;
  slotMs: number;
  atMs: number;
}

/** Clocks that differ, and transactions that take their time: as long as a process can stand still. */
function toleranceMs({ injected }: World): number {
  return injected.stall ? 300_000 : 15_000;
}

const minuteMs = 60_000;

/** Keeps what the clock has started. */
export function watchSlots(world: World, change: Change, { slotStarts }: Watch): void {
  if (change.table !== "outbox" || change.before !== undefined) return;
  const { job, key, version } = change.after as OutboxRow;
  // A replay's version counts microseconds.
  const isReplay = version > world.nowMs;
  if (key !== "schedule" || job !== world.clockJob?.name || isReplay) return;
  slotStarts.push({ job, slotMs: version * 1_000, atMs: world.nowMs });
}

function* noSlotStartsTwice(_world: World, { slotStarts }: Watch): Found {
  const seen = new Set<number>();
  for (const { job, slotMs } of slotStarts) {
    if (seen.has(slotMs)) yield `${job} at ${new Date(slotMs).toISOString()}`;
    seen.add(slotMs);
  }
}

/** Once as itself, or once as what a replay has made of it, however often it was replayed. */
function* everyStartedSlotHasItsEffect({ state }: World, { slotStarts }: Watch): Found {
  for (const { job, slotMs } of slotStarts) {
    let count = 0;
    let version: number | null = slotMs / 1_000;
    for (; version !== null; version = replayOf(state, `${job}/schedule/${version}`)) {
      count += state.effects.slots.get(`${job}/schedule/${version}`)?.committed ?? 0;
    }
    if (count !== 1) yield `${job} at ${new Date(slotMs).toISOString()} was done ${count} times`;
  }
}

function replayOf(state: World["state"], name: string): number | null {
  return state.letters.slots.get(name)?.committed?.replay_version ?? null;
}

function* everySlotIsMadeUpFor(world: World, { slotStarts }: Watch): Found {
  if (world.clockJob?.name !== "each_slot") return;
  const slots = slotStarts.map(({ slotMs }) => slotMs).sort((one, other) => one - other);
  for (const [index, slotMs] of slots.entries()) {
    const before = slots[index - 1];
    if (before !== undefined && slotMs - before !== 120_000) {
      yield `none between ${new Date(before).toISOString()} and ${new Date(slotMs).toISOString()}`;
    }
  }
}

function* onlyTheLatestSlotIsMadeUpFor(world: World, { slotStarts }: Watch): Found {
  if (world.clockJob?.name !== "latest_slot") return;
  for (const { slotMs, atMs } of slotStarts) {
    if (slotMs <= atMs - 90_000 - toleranceMs(world)) {
      yield `${new Date(slotMs).toISOString()} was stale`;
    }
  }
}

function* aSkippedSlotIsNotMadeUpFor(world: World, { slotStarts }: Watch): Found {
  if (world.clockJob?.name !== "skipped_slot") return;
  for (const { slotMs, atMs } of slotStarts) {
    if (slotMs <= atMs - minuteMs - toleranceMs(world)) {
      yield `${new Date(slotMs).toISOString()} was stale`;
    }
  }
}

export const scheduleInvariants = [
  noSlotStartsTwice,
  everyStartedSlotHasItsEffect,
  everySlotIsMadeUpFor,
  onlyTheLatestSlotIsMadeUpFor,
  aSkippedSlotIsNotMadeUpFor,
];
