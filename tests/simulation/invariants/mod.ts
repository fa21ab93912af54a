import type { Process } from "../world/process.ts";
import type { World } from "../world/world.ts";
import type { SimulatedVendor } from "../world/vendor.ts";
import { jobInvariants, watchLetters, watchOutbox, watchRuns } from "./jobs.ts";
import { historyMatchesEvents, notificationInvariants, watchStatuses } from "./notifications.ts";
import { scheduleInvariants, type SlotStart, watchSlots } from "./schedules.ts";

/** What was seen while a run went on, for what can only be judged at its end. */
export interface Watch {
  vendor: SimulatedVendor;
  /** Each status that a notification has had, in order. */
  histories: Map<string, string[]>;
  slotStarts: SlotStart[];
  /** Who took each message and each long run last. */
  holders: Map<string, Process>;
}

/** Looks at every commit as it happens. */
export function watchCommits(world: World, vendor: SimulatedVendor): Watch {
  const watch: Watch = { vendor, histories: new Map(), slotStarts: [], holders: new Map() };
  world.onCommit = (changes, process) => {
    for (const change of changes) {
      world.note(() =>
        `commit ${change.table} ${change.key}: ${brief(change.before)} -> ${brief(change.after)}`
      );
      watchRuns(world, change, watch, process);
      watchLetters(world, change);
      watchOutbox(world, change);
      watchStatuses(world, change, watch, process);
      watchSlots(world, change, watch);
    }
  };
  return watch;
}

/** Everything that has to hold once nothing is left to be done. */
export function checkEnd(world: World, watch: Watch): void {
  for (const invariant of [...jobInvariants, ...notificationInvariants, ...scheduleInvariants]) {
    for (const what of invariant(world, watch)) world.violate(nameOf(invariant), what);
  }
  for (const what of historyMatchesEvents(world, watch)) {
    world.violate(nameOf(historyMatchesEvents), what);
  }
}

/** An invariant's name is its sentence. */
function nameOf({ name }: { name: string }): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

const columns = [
  "state",
  "status",
  "fence",
  "attempts",
  "published_at",
  "ended_at",
  "round",
  "lease_until",
  "next_attempt_at",
  "maybe_sent",
  "error_code",
  "reason",
  "moved",
];

/** The part of a row that tells what became of it. */
function brief(row: unknown): string {
  if (typeof row !== "object" || row === null) return String(row ?? "none");
  const all = row as Record<string, unknown>;
  const told = columns.filter((name) => all[name] !== undefined && all[name] !== null);
  return told.map((name) => `${name}=${readable(name, all[name])}`).join(" ") || "a row";
}

function readable(name: string, value: unknown): string {
  const isMoment = typeof value === "number" && /_at$|_until$/.test(name);
  return isMoment ? new Date(value).toISOString().slice(8, 19) : String(value);
}
