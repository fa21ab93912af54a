import { authoriseSystem } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { selectQueue } from "./store/queue.ts";

/** So many, the first of them since so many seconds; 0 where there is none. */
export interface Backlog {
  count: number;
  oldestSeconds: number;
}

/** How much work waits at each stage. */
export interface QueueFigures {
  /** Asked for and committed, and not taken by QStash. */
  outbox: Backlog;
  running: Backlog;
  /** Tried in vain, and to be tried again. */
  failed: Backlog;
  /** Given up, and not replayed. */
  dead: number;
}

/** Counts what waits. */
export async function measureQueue(
  ctx: Needs<"actor" | "database" | "log" | "now">,
): Promise<QueueFigures> {
  authoriseSystem(ctx);
  const row = await inTransaction(ctx, ({ sql }) => selectQueue(sql, ctx.now()));
  return {
    outbox: backlog(row?.waiting, row?.waiting_seconds),
    running: backlog(row?.running, row?.running_seconds),
    failed: backlog(row?.failed, row?.failed_seconds),
    dead: row?.dead ?? 0,
  };
}

function backlog(count = 0, oldestSeconds: number | null = 0): Backlog {
  // Two clocks: a row can seem to come from a moment ahead of us.
  return { count, oldestSeconds: Math.max(0, oldestSeconds ?? 0) };
}
