import type { TestApp } from "./app.ts";

/**
 * Whether nothing waits, runs or is on its way, and nothing that ended just now has asked for more: rows of the outbox
 * are all published, their messages are all over, and meanwhile none was added.
 */
export async function isQuiet({ inspect, standIns: { qstash } }: TestApp): Promise<boolean> {
  const countRows = async () => (await inspect.sql`select count(*) from outbox`)[0]?.count;
  const before = await countRows();
  if (await inspect.waitingJobs() > 0 || qstash.pending() > 0) return false;
  return await countRows() === before;
}
