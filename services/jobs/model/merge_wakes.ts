import { secondMs } from "../../../lib/time.ts";
import type { JobMessage, JobPolicy, OutboxMessage } from "../schema.ts";

/** Messages that stand for outbox rows: these are done with once the first message is taken. */
export interface Parcel {
  rowIds: string[];
  messages: JobMessage[];
  /** Nothing will be heard of the rows: they were wake-ups, and what they woke somebody for are rows of their own. */
  over: boolean;
}

/** Wake-ups for later moments so close together become one, at the last of them. */
const bucketMs = 5 * secondMs;

/**
 * What is to be published for rows of the outbox: a message each, but for wake-ups, of which many become as few as
 * their work needs. All rows given are committed, so whoever is woken by one message sees the work of all of them.
 */
export function mergeWakes(
  rows: OutboxMessage[],
  policyOf: (job: string) => JobPolicy | undefined,
): Parcel[] {
  const parcels: Parcel[] = [];
  const wakes = new Map<string, OutboxMessage[]>();
  for (const row of rows) {
    if (policyOf(row.job)?.slots === undefined) {
      parcels.push({ rowIds: [row.id], messages: [toMessage(row)], over: false });
      continue;
    }
    const notBeforeMs = bucketOf(row.notBeforeMs);
    const name = `${row.job}/${notBeforeMs}`;
    const together = wakes.get(name) ?? [];
    wakes.set(name, together);
    together.push({ ...row, notBeforeMs });
  }
  for (const together of wakes.values()) parcels.push(wakeParcel(together, policyOf));
  return parcels;
}

function wakeParcel(
  together: OutboxMessage[],
  policyOf: (job: string) => JobPolicy | undefined,
): Parcel {
  const [first] = together;
  const slots = first && policyOf(first.job)?.slots;
  const unitCount = together.reduce((sum, { units }) => sum + units, 0);
  const count = slots ? Math.min(slots.max, Math.ceil(unitCount / slots.rows)) : 0;
  return {
    rowIds: together.map(({ id }) => id),
    messages: first
      ? Array.from({ length: count }, (_, slot) => ({
        ...toMessage(first),
        key: nameOf(first, slot),
      }))
      : [],
    over: true,
  };
}

/**
 * Another name for each slot, and for each time that it is published: a row that comes up again, since its publisher died,
 * now stands for others too, and must not be taken for its own copy.
 */
function nameOf({ key, attempts }: OutboxMessage, slot: number): string {
  const again = attempts > 1 ? `_again${attempts}` : "";
  return key.slice(0, 80) + again + (slot === 0 ? "" : `_${slot + 1}`);
}

function toMessage(
  { id: _id, units: _units, attempts: _attempts, ...message }: OutboxMessage,
): JobMessage {
  return message;
}

function bucketOf(notBeforeMs: number | null): number | null {
  return notBeforeMs === null ? null : Math.ceil(notBeforeMs / bucketMs) * bucketMs;
}
