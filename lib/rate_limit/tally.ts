import type { EpochMs } from "../time.ts";
import type { Quota } from "./quota.ts";

/**
 * A window is counted in thirty slots. A slot counts until the whole of it has left the window: nobody ever gets more
 * than the limit in any window, and what was used comes back at most a thirtieth of the window late.
 */
const slotsPerWindow = 30;
/** Sixteen processes that serve one caller at once and know nothing of each other overspend nothing. */
const leaseShare = 16;

/** What one process knows of one caller under one quota: what it admitted itself, and what it learnt of others. */
export interface Tally {
  quota: Quota;
  /** The hash in Redis in which all processes write what they admitted, each in fields of its own. */
  key: string;
  /** Begins the names of our fields; empty until they are written for the first time. */
  fieldStem: string;
  slotMs: number;
  /** The slot that `fresh` counts. */
  slot: number;
  fresh: number;
  own: SlotCount[];
  others: SlotCount[];
  /** All that counts in the window now. */
  used: number;
  /** Admitted since we last told, and how many may be until we have told. */
  spent: number;
  lease: number;
  /** Fields that somebody has left behind. */
  stale: string[];
}

interface SlotCount {
  slot: number;
  count: number;
  told: boolean;
}

// Most callers never come to a second slot, so they share one empty list until they do.
const none: SlotCount[] = [];

/** A caller of whom nothing is known yet. */
export function createTally(quota: Quota, key: string): Tally {
  return {
    quota,
    key,
    fieldStem: "",
    slotMs: quota.windowMs / slotsPerWindow,
    slot: 0,
    fresh: 0,
    own: none,
    others: none,
    used: 0,
    spent: 0,
    lease: leaseOf(quota.limit),
    stale: [],
  };
}

/** Lets go of what has left the window. A clock that went back changes nothing. */
export function advance(tally: Tally, nowMs: EpochMs): void {
  const slot = Math.floor(nowMs / tally.slotMs);
  if (slot <= tally.slot) return;
  const { own, others, fresh, slot: before } = tally;
  const past = fresh > 0 ? [...own, { slot: before, count: fresh, told: false }] : own;
  tally.slot = slot;
  tally.fresh = 0;
  tally.own = inWindow(tally, past);
  tally.others = inWindow(tally, others);
  tally.used = sum(tally.own) + sum(tally.others);
}

/** Counts one call; the caller has looked whether there is room. */
export function count(tally: Tally): void {
  tally.fresh++;
  tally.used++;
  tally.spent++;
}

/** How long until the oldest of what counts leaves the window. */
export function resetMs(tally: Tally, nowMs: EpochMs): number {
  const oldest = Math.min(tally.own[0]?.slot ?? tally.slot, tally.others[0]?.slot ?? tally.slot);
  return (oldest + slotsPerWindow + 1) * tally.slotMs - nowMs;
}

/** The fields that others have not been told of, with the whole of our count: telling it twice changes nothing. */
export function fieldsToTell(tally: Tally): Record<string, number> {
  const fields: Record<string, number> = {};
  for (const { slot, count, told } of tally.own) {
    if (!told) fields[`${tally.fieldStem}:${slot}`] = count;
  }
  if (tally.fresh > 0) fields[`${tally.fieldStem}:${tally.slot}`] = tally.fresh;
  return fields;
}

/** Takes in the whole hash, names and counts in turn, after `spentTold` of ours were written into it. */
export function learn(tally: Tally, hash: readonly string[], spentTold: number): void {
  const bySlot = new Map<number, number>();
  const ours = `${tally.fieldStem}:`;
  for (let at = 0; at + 1 < hash.length; at += 2) {
    const field = hash[at]!;
    const slot = Number(field.slice(field.lastIndexOf(":") + 1));
    if (!isInWindow(tally, slot)) tally.stale.push(field);
    else if (!field.startsWith(ours)) {
      bySlot.set(slot, (bySlot.get(slot) ?? 0) + Number(hash[at + 1]));
    }
  }
  tally.others = [...bySlot].map(([slot, count]) => ({ slot, count, told: true }))
    .sort((a, b) => a.slot - b.slot);
  tally.used = sum(tally.own) + tally.fresh + sum(tally.others);
  tally.spent -= spentTold;
  tally.lease = leaseOf(tally.quota.limit - tally.used);
}

/** Marks what was written as such. Slots that are over do not change any more; the newest one may. */
export function markTold(own: readonly SlotCount[]): void {
  for (const past of own) past.told = true;
}

function leaseOf(remaining: number): number {
  return Math.max(1, Math.floor(remaining / leaseShare));
}

function inWindow(tally: Tally, counts: SlotCount[]): SlotCount[] {
  const kept = counts.filter(({ slot }) => isInWindow(tally, slot));
  return kept.length === 0 ? none : kept;
}

/** A slot of the future is one of a process whose clock is ahead, and counts. */
function isInWindow(tally: Tally, slot: number): boolean {
  return slot >= tally.slot - slotsPerWindow;
}

function sum(counts: readonly SlotCount[]): number {
  return counts.reduce((total, { count }) => total + count, 0);
}
