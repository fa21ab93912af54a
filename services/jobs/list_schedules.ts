import { toInstant } from "../../lib/time.ts";
import { authorise } from "../authorise.ts";
import { asSystem, inTransaction, type Needs } from "../ctx.ts";
import { type ScheduleRow, selectSchedules } from "./store/schedules.ts";

export interface Schedule {
  job: string;
  /** In words. */
  timing: string;
  catchUp: string;
  lastDueAt: string;
  nextDueAt: string | null;
  paused: boolean;
  pausedAt: string | null;
}

/** What the clock starts, as the version that ticked last has it. Staff only. */
export async function listSchedules(
  ctx: Needs<"actor" | "database" | "log">,
): Promise<{ items: Schedule[]; nextCursor: null }> {
  authorise(ctx, "jobs:read");
  const system = asSystem(ctx, "list_schedules");
  const rows = await inTransaction(system, ({ sql }) => selectSchedules(sql));
  return { items: rows.map(toSchedule), nextCursor: null };
}

export function toSchedule(row: ScheduleRow): Schedule {
  const { job, timing, catch_up: catchUp, paused } = row;
  return {
    job,
    timing,
    catchUp,
    lastDueAt: toInstant(row.last_due_at),
    nextDueAt: row.next_due_at && toInstant(row.next_due_at),
    paused,
    pausedAt: row.paused_at && toInstant(row.paused_at),
  };
}
